import type { Query } from './queries.ts';

const ALL = ['_count', '1000'] as const;
const OPEN = 'requested,received,accepted,in-progress,on-hold,ready';

/** Signs of danger that stand, by the search parameters `flag-status` and `flag-category` of content. */
export const flagsInForce = (): Query<'Flag'> => ({
  type: 'Flag',
  params: [['category', 'http://terminology.hl7.org/CodeSystem/flag-category|safety'], ['status', 'active'], ALL],
});

/** Open Tasks whose time ended before an instant (UTC), by the search parameter `task-restriction-period` of content. */
export const tasksDueBefore = (instant: string): Query<'Task'> => ({
  type: 'Task',
  params: [['restriction-period', `eb${instant}`], ['status', OPEN], ALL],
});
