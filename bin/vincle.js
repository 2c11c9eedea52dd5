#!/usr/bin/env -S node --max-semi-space-size=16 --heap-growing-percent=40
import '../src/main.ts';
