package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.losses.Losses;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class LossesCommandTest {

    private static JsonNode json(String name) {
        Answer answer = Answer.of("losses", "--json");
        return answer.lines().stream()
                .map(line -> new ObjectMapper().readTree(line))
                .filter(line -> line.get("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyLossIsListed() {
        Answer table = Answer.of("losses");
        assertThat(table.err()).isEmpty();
        assertThat(table.code()).isZero();
        for (Losses.Entry entry : Losses.all()) {
            assertThat(table.out()).contains(" " + entry.name() + " ");
        }
        assertThat(table.out()).contains("gamma=2, alpha=0.25, reduction=mean");
        assertThat(Answer.of("losses", "--json").lines()).hasSameSizeAs(Losses.all());
    }

    @Test
    void settingsAreKeysWithTheirDefaults() {
        JsonNode smooth = json("binary_cross_entropy_with_logits").get("settings");
        assertThat(smooth.propertyStream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey, e -> e.getValue().asString())))
                .isEqualTo(Map.of("weight", "[]", "pos_weight", "[]", "reduction", "mean"));
        assertThat(json("weighted_sum").get("settings").get("terms").isNull()).isTrue();
        assertThat(json("gan").get("settings").isEmpty()).isTrue();
        assertThat(json("focal").get("in_recipes").asBoolean()).isTrue();
        assertThat(json("gradient_penalty").get("in_recipes").asBoolean()).isFalse();
        assertThat(json("huber").get("source").asString()).isEqualTo("Huber 1964");
    }

    @Test
    void thoseThatRecipesCannotNameAreMarked() {
        String markdown = Answer.of("losses", "--markdown").out();
        for (Losses.Entry entry : Losses.all()) {
            String row = markdown.lines()
                    .filter(line -> line.startsWith("| `" + entry.name() + "` |"))
                    .findFirst()
                    .orElseThrow();
            assertThat(row.contains("(from code only)")).as(row).isEqualTo(!entry.inRecipes());
        }
    }

    @Test
    void theMarkdownTableHasFiveCellsInEveryRow() {
        List<String> lines = Answer.of("losses", "--markdown").lines();
        assertThat(lines.get(0)).isEqualTo("| name | kind | formula | settings | source |");
        assertThat(lines).hasSize(Losses.all().size() + 2);
        // a bar within a cell is escaped
        assertThat(lines.subList(2, lines.size())).allMatch(line -> line.split("(?<!\\\\)\\|", -1).length == 7);
        assertThat(lines).contains("| `mae` | regression | `\\|x - y\\|` | `reduction=mean` |  |");
    }

    @Test
    void theFilterLooksAtNamesKindsAndSources() {
        assertThat(Answer.of("losses", "--filter", "SEGMENT", "--json").lines())
                .hasSize(6)
                .allMatch(line -> line.contains("segmentation"));
        assertThat(Answer.of("losses", "--filter", "schroff", "--json").lines()).hasSize(1);
    }
}
