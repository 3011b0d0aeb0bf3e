package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.tasks.Recipes;
import djinn.tasks.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The meanings of keys are the components' Javadoc, and the page is made of them. A test that fails names the
 * command that writes both anew.
 */
class RecipeKeysTest {

    private static final Path MEANINGS = Path.of("../tasks/src/main/resources/META-INF/djinn/keys.tsv");
    private static final Path PAGE = Path.of("../docs/recipes.md");
    private static final String COMMAND = "twice: mvn -pl cli -am test -Dtest=RecipeKeysTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -DargLine=-Ddjinn.update=true";
    private static final Pattern RECORD = Pattern.compile(
            "/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*(?:@\\w+(?:\\([^)]*\\))?\\s*)*((?:public |private |static |final )*)record (\\w+)\\(");
    private static final Pattern PARAM =
            Pattern.compile("@param (\\w+) ((?:(?!@param|@throws|@return|@see)[\\s\\S])*)");

    private static String meanings() throws IOException {
        TreeSet<String> lines = new TreeSet<>();
        Set<String> types = Tasks.recipes().keySet().stream()
                .flatMap(task -> Recipes.records(task).stream())
                .map(Class::getCanonicalName)
                .collect(Collectors.toSet());
        for (String module : List.of("data", "inference", "losses", "ops", "predict", "training", "tasks", "zoo")) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    read(Files.readString(file), file.getFileName().toString().replace(".java", ""), types, lines);
                }
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static void read(String source, String outer, Set<String> types, Set<String> lines) {
        Matcher own = Pattern.compile("(?m)^package (.*);").matcher(source);
        assertThat(own.find()).isTrue();
        Matcher records = RECORD.matcher(source);
        while (records.find()) {
            String name = records.group(3);
            String type = own.group(1) + "." + (name.equals(outer) ? outer : outer + "." + name);
            Matcher params = PARAM.matcher(records.group(1));
            while (params.find()) {
                String meaning = params.group(2)
                        .replaceAll("\\s*\\n\\s*\\*?\\s*", " ")
                        .replaceAll("\\{@(?:code|link) ([^}]*)}", "$1")
                        .strip();
                if (types.contains(type)) {
                    lines.add(type + "\t" + params.group(1) + "\t" + meaning);
                }
            }
        }
    }

    private static void requireSame(Path file, String wanted) throws IOException {
        if (Boolean.getBoolean("djinn.update")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, wanted);
        }
        assertThat(file).as("write it anew: %s", COMMAND).exists();
        assertThat(Files.readString(file).lines())
                .as("%s; write it anew: %s", file, COMMAND)
                .containsExactlyElementsOf(wanted.lines().toList());
    }

    @Test
    void theMeaningsAreTheJavadoc() throws IOException {
        requireSame(MEANINGS, meanings());
    }

    @Test
    void thePageIsWhatTheCommandWrites() throws IOException {
        requireSame(PAGE, RecipeKeys.page(List.copyOf(Tasks.recipes().keySet())));
    }

    @Test
    void everyKeyOfDjinnsOwnTasksHasAMeaning() {
        for (String task : Tasks.recipes().keySet()) {
            assertThat(Recipes.keys(task))
                    .isNotEmpty()
                    .allSatisfy(key -> assertThat(key.meaning())
                            .as(task + " " + key.path())
                            .isNotEmpty());
        }
    }
}
