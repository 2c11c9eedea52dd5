package vincle.judge;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.validation.ValidationOptions;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.OperationOutcome.IssueSeverity;

/**
 * Reads R4 resources from stdin, one a line, or from files, and answers one OperationOutcome a line.
 *
 * <pre>
 * judge [--content FOLDER]... [--profile CANONICAL]... [--snapshots] [FILE...]
 * </pre>
 *
 * <p>FOLDER holds profiles, terminology, Questionnaires and FHIR packages (.json, .xml, .tgz). With {@code --snapshots}
 * the lines are StructureDefinitions, and the answers are the same with their snapshots. Exit 1 where anything has an
 * error, 2 where the content cannot be read.
 */
public final class Judge {
  private static final FhirContext CONTEXT = FhirContext.forR4();

  private final PrintStream out =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
  private final Content content = new Content(CONTEXT);
  private final ValidationOptions options = new ValidationOptions();
  private final List<Path> files = new ArrayList<>();
  private boolean snapshots;

  private Judge(String[] arguments) throws IOException {
    for (int next = 0; next < arguments.length; next++) {
      switch (arguments[next]) {
        case "--content" -> content.load(Path.of(arguments[++next]));
        case "--profile" -> options.addProfile(arguments[++next]);
        case "--snapshots" -> snapshots = true;
        default -> files.add(Path.of(arguments[next]));
      }
    }
  }

  public static void main(String[] arguments) throws IOException {
    Judge judge;
    try {
      judge = new Judge(arguments);
    } catch (IOException | RuntimeException cause) {
      System.err.println(cause.getMessage());
      System.exit(2);
      return;
    }
    System.exit(judge.run() ? 0 : 1);
  }

  private boolean run() throws IOException {
    return snapshots ? writeSnapshots() : validate();
  }

  private boolean validate() throws IOException {
    Validation validation = new Validation(CONTEXT, content);
    IParser parser = CONTEXT.newJsonParser();
    boolean good = true;
    for (String resource : resources()) {
      OperationOutcome outcome = validation.of(resource, options);
      good &= outcome.getIssue().stream().noneMatch(Judge::isError);
      out.println(parser.encodeResourceToString(outcome));
    }
    return good;
  }

  private boolean writeSnapshots() throws IOException {
    Snapshots generator = new Snapshots(CONTEXT, content);
    for (String definition : resources()) {
      out.println(generator.withSnapshot(definition));
    }
    return true;
  }

  private List<String> resources() throws IOException {
    if (!files.isEmpty()) {
      List<String> texts = new ArrayList<>();
      for (Path file : files) {
        texts.add(Files.readString(file));
      }
      return texts;
    }
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    return lines.lines().filter(line -> !line.isBlank()).toList();
  }

  private static boolean isError(OperationOutcome.OperationOutcomeIssueComponent issue) {
    return issue.getSeverity() == IssueSeverity.ERROR
        || issue.getSeverity() == IssueSeverity.FATAL;
  }
}
