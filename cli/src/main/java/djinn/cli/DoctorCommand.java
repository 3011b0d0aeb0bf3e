package djinn.cli;

import djinn.cli.Checkup.Part;
import djinn.cli.Checkup.State;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "doctor",
        description = "Look at what Djinn stands on here, and say what to do about it.",
        footer = {
            "",
            "  djinn doctor",
            "  djinn doctor --json",
            "",
            "A line each: ok, note (it works, and could be better) or bad (it does not work; the exit code is 1)."
        })
final class DoctorCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Answer with one JSON object a line.")
    private boolean json;

    @Override
    public Integer call() {
        List<Part> parts = Checkup.run();
        PrintWriter out = spec.commandLine().getOut();
        int width = parts.stream().mapToInt(part -> part.name().length()).max().orElse(0);
        parts.forEach(part -> out.println(json ? Json.line(fields(part)) : line(part, width)));
        out.flush();
        return parts.stream().anyMatch(part -> part.state() == State.BAD) ? Djinn.DATA : ExitCode.OK;
    }

    private static Map<String, Object> fields(Part part) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("state", word(part));
        fields.put("name", part.name());
        fields.put("found", part.found());
        fields.put("advice", part.advice());
        return fields;
    }

    private static String line(Part part, int width) {
        String found = String.format(Locale.ROOT, "%-4s  %-" + width + "s  %s", word(part), part.name(), part.found());
        return part.advice().isEmpty() ? found : found + System.lineSeparator() + " ".repeat(width + 8) + part.advice();
    }

    private static String word(Part part) {
        return part.state().name().toLowerCase(Locale.ROOT);
    }
}
