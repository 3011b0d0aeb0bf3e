package djinn.cli;

import djinn.data.DataChecking;
import djinn.data.DataReport;
import djinn.data.Finding;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "data",
        description = "Bring public data, and look at the data of a recipe.",
        subcommands = {DataListCommand.class, DataGetCommand.class, DataCommand.Check.class})
final class DataCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a subcommand: list, get or check");
    }

    @Command(
            name = "check",
            description = "Say what is wrong with the data of a recipe, before a night is lost, and what is in it.",
            footer = {
                "",
                "  djinn data check configs/bccd_fcos.yaml",
                "  djinn data check detection_folder --set data.root=photos/data.yaml --json",
                "",
                "Every image is read. A line each: the kind, the file, the number or line, and what is wrong; then"
                        + " what is in",
                "each part. The exit code is 1 if images or objects are lost (images that cannot be read, boxes"
                        + " outside of",
                "their images, without area or inverted, objects of images or classes that are not in the list) or if"
                        + " an",
                "image is in two parts, so that figures come out better than they are. It is 0 where there are only"
                        + " things",
                "to know of: clipped or small boxes, images without objects or twice in a part, classes without"
                        + " objects."
            })
    static final class Check implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Mixin
        private RecipeOptions recipe = new RecipeOptions();

        @Override
        public Integer call() {
            DataReport report =
                    recipe.read(DataChecking.class, "data can be checked").checkData();
            PrintWriter out = spec.commandLine().getOut();
            if (recipe.json()) {
                out.println(Json.line(fields(report)));
            } else {
                report.findings().forEach(finding -> out.println(kind(finding) + ": " + finding));
                report.lines().forEach(out::println);
                out.println(report.findings().size() + " findings, " + report.faults() + " of them faults to mend");
            }
            out.flush();
            return report.faults() == 0 ? CommandLine.ExitCode.OK : Djinn.DATA;
        }

        private static Map<String, Object> fields(DataReport report) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("faults", report.faults());
            fields.put(
                    "findings", report.findings().stream().map(Check::fieldsOf).toList());
            fields.put("parts", report.parts());
            return fields;
        }

        private static Map<String, Object> fieldsOf(Finding finding) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("kind", kind(finding));
            fields.put("is_fault", finding.kind().isFault());
            fields.put("file", finding.file());
            fields.put("id", finding.id());
            fields.put("message", finding.message());
            return fields;
        }

        private static String kind(Finding finding) {
            return finding.kind().name().toLowerCase(Locale.ROOT);
        }
    }
}
