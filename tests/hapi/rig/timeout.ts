import { jest } from '@jest/globals';

// A real HAPI takes its time on a machine with two busy cores: a test that hangs is still found.
jest.setTimeout(120_000);
