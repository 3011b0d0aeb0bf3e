package djinn.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.IHelpSectionRenderer;

/** Lists the commands of djinn under what they are for. */
final class CommandGroups implements IHelpSectionRenderer {

    private static final Map<String, List<String>> GROUPS = groups();

    /** What is not named here stands under this. */
    private static final String OTHERS = "Others";

    private static final int INDENT = 2;

    private static Map<String, List<String>> groups() {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        groups.put("Train", List.of("train", "lr-find", "batch-size", "sweep", "track", "recipes"));
        groups.put("Look at runs", List.of("val", "report", "runs", "board", "judge"));
        groups.put("Ask models", List.of("predict", "generate", "translate", "translate-images"));
        groups.put("Hand on", List.of("export", "weights", "benchmark"));
        groups.put("Models and losses", List.of("models", "losses", "summary"));
        groups.put("Data", List.of("data", "augment", "anchors", "proposals", "tokenizer"));
        groups.put("This installation", List.of("doctor", "completion", "help"));
        return groups;
    }

    @Override
    public String render(Help help) {
        Map<String, Help> commands = help.subcommands();
        Set<String> left = new LinkedHashSet<>(commands.keySet());
        int width = left.stream().mapToInt(String::length).max().orElse(0);
        StringBuilder text = new StringBuilder();
        GROUPS.forEach((title, names) -> {
            List<String> there = names.stream().filter(left::contains).toList();
            text.append(section(title, there, commands, width, help));
            left.removeAll(there);
        });
        return text.append(section(OTHERS, new ArrayList<>(left), commands, width, help))
                .toString();
    }

    private static String section(String title, List<String> names, Map<String, Help> commands, int width, Help help) {
        if (names.isEmpty()) {
            return "";
        }
        CommandLine.Model.UsageMessageSpec usage = help.commandSpec().usageMessage();
        TextTable table = TextTable.forColumns(
                help.colorScheme(),
                new Column(width + 2 * INDENT, INDENT, Overflow.SPAN),
                new Column(usage.width() - width - 2 * INDENT, 1, Overflow.WRAP));
        for (String name : names) {
            String[] lines = commands.get(name).commandSpec().usageMessage().description();
            Text what = help.colorScheme().text(lines.length == 0 ? "" : lines[0]);
            table.addRowValues(help.colorScheme().commandText(name), what);
        }
        return help.createHeading("%n" + title + ":%n") + table;
    }
}
