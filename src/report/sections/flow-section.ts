import { participantFlowOf } from '../figures/participant-flow.ts';
import { flowTables } from '../tables/flow-tables.ts';
import { figure, type Section } from './section.ts';

/** Who was found, asked and answered; there in a blind study too. */
export const flowSection: Section = {
  id: 'flow',
  of: (report, speech) => {
    const { analysis, manifest } = report;
    const visits = [...new Set(analysis.flow.cells.map((it) => it.visit))];
    const { participants, leftOut } = manifest.checks;
    const drawing = participantFlowOf(
      { flow: analysis.flow, visits, participants, leftOut, patients: analysis.patients },
      speech,
    );
    return figure(speech.words.tables.flow.title, speech, drawing, flowTables(report, speech));
  },
};
