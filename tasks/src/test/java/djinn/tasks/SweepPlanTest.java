package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepPlanTest {

    private static SweepPlan grid(String... axes) {
        return new SweepPlan("recipe.yaml", List.of(), List.of(axes), List.of(), 0, 0);
    }

    private static SweepPlan random(int trials, long seed, String... axes) {
        return new SweepPlan("recipe.yaml", List.of(), List.of(), List.of(axes), trials, seed);
    }

    @Test
    void aGridIsEveryCombinationTheLastKeyFastest() {
        SweepPlan plan = grid("optimizer.lr=0.01, 0.1", "train.batch_size=32,64,128");
        assertThat(plan.keys()).containsExactly("optimizer.lr", "train.batch_size");
        assertThat(plan.combinations())
                .containsExactly(
                        List.of("0.01", "32"),
                        List.of("0.01", "64"),
                        List.of("0.01", "128"),
                        List.of("0.1", "32"),
                        List.of("0.1", "64"),
                        List.of("0.1", "128"));
    }

    @Test
    void commasWithinBracketsBracesAndQuotesDoNotSeparate() {
        assertThat(grid("optimizer={name: sgd, lr: 0.1, momentum: 0.9},{name: adamw, betas: [0.9, 0.99]}")
                        .combinations())
                .containsExactly(
                        List.of("{name: sgd, lr: 0.1, momentum: 0.9}"), List.of("{name: adamw, betas: [0.9, 0.99]}"));
        assertThat(grid("data.root=\"a,b\",'c,]',it's,\"d\\\",e\"").combinations())
                .containsExactly(List.of("\"a,b\""), List.of("'c,]'"), List.of("it's"), List.of("\"d\\\",e\""));
    }

    @Test
    void drawsDependOnTheSeedAndTheTrialAlone() {
        String[] axes = {"optimizer.lr=log(1e-4, 1)", "train.ema_decay=uniform(0.9,0.999)"};
        List<List<String>> ten = random(10, 1, axes).combinations();
        assertThat(ten).hasSize(10).doesNotHaveDuplicates();
        assertThat(random(12, 1, axes).combinations().subList(0, 10)).isEqualTo(ten);
        assertThat(random(10, 2, axes).combinations()).isNotEqualTo(ten);
        assertThat(ten)
                .allMatch(row -> row.get(0).replaceAll("e.*|\\.|^[0.]+", "").length() <= 4);
    }

    @Test
    void drawsFillTheirRange() {
        List<List<String>> rows = random(
                        2000, 3, "a=log(1e-4,1)", "b=uniform(-1,1)", "c=int(3,5)", "d=[sgd; {name: adamw, lr: 0.1}]")
                .combinations();
        int[] decades = new int[4];
        int negative = 0;
        Set<String> whole = new HashSet<>();
        int first = 0;
        for (List<String> row : rows) {
            double a = Double.parseDouble(row.get(0));
            double b = Double.parseDouble(row.get(1));
            assertThat(a).isBetween(1e-4, 1.);
            assertThat(b).isBetween(-1., 1.);
            decades[Math.min(3, (int) (4 + Math.log10(a)))]++;
            negative += b < 0 ? 1 : 0;
            whole.add(row.get(2));
            first += row.get(3).equals("sgd") ? 1 : 0;
            assertThat(row.get(3)).isIn("sgd", "{name: adamw, lr: 0.1}");
        }
        // 500 of each decade, 1000 of each half; five standard deviations are 97 and 112
        assertThat(Arrays.stream(decades)).allMatch(count -> count > 403 && count < 597);
        assertThat(negative).isBetween(888, 1112);
        assertThat(first).isBetween(888, 1112);
        assertThat(whole).containsExactlyInAnyOrder("3", "4", "5");
    }

    @Test
    void roundingDoesNotLeaveTheRange() {
        assertThat(random(200, 0, "train.ema_decay=uniform(0.99993,0.99999)").combinations())
                .allMatch(row -> Double.parseDouble(row.get(0)) <= 0.99999);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "optimizer.lr        | got 'optimizer.lr'",
                "=1,2                | got '=1,2'",
                "a=1,,2              | got an empty one",
                "a=                  | got an empty one",
                "a={x: 1,2           | brackets and quotes in pairs",
                "a=1],2              | brackets and quotes in pairs",
                "a='b,c              | brackets and quotes in pairs"
            })
    void whatIsNoListOfValuesIsRefused(String axis, String message) {
        assertThatThrownBy(() -> grid(axis))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a=1,2            | expected uniform(LOW,HIGH)",
                "a=normal(0,1)    | expected uniform(LOW,HIGH)",
                "a=log(0,1)       | LOW above 0",
                "a=uniform(1,1)   | LOW below HIGH",
                "a=uniform(1,e)   | expected numbers",
                "a=int(1.5,3)     | whole numbers",
                "a=[b; ]          | got an empty one"
            })
    void whatIsNoDistributionIsRefused(String axis, String message) {
        assertThatThrownBy(() -> random(3, 0, axis))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void plansThatMakeNoSenseAreRefused() {
        assertThatThrownBy(SweepPlanTest::grid).hasMessageContaining("got neither");
        assertThatThrownBy(() -> new SweepPlan("r", List.of(), List.of("a=1"), List.of("b=int(1,2)"), 2, 0))
                .hasMessageContaining("got both");
        assertThatThrownBy(() -> random(0, 0, "a=int(1,2)")).hasMessageContaining("1 to 10000 trials");
        assertThatThrownBy(() -> new SweepPlan("r", List.of(), List.of("a=1"), List.of(), 2, 0))
                .hasMessageContaining("no number of trials");
        assertThatThrownBy(() -> grid("a=1", "a=2")).hasMessageContaining("got a twice");
        assertThatThrownBy(() -> grid("optimizer.lr=1", "optimizer=sgd")).hasMessageContaining("change their order");
        assertThat(grid("optimizer=sgd", "optimizer.lr=1").combinations()).containsExactly(List.of("sgd", "1"));
        String[] axes = new String[14];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = "k" + i + "=1,2";
        }
        assertThatThrownBy(() -> grid(axes)).hasMessageContaining("at most 10000 combinations");
    }
}
