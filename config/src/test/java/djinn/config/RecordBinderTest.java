package djinn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.Default;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordBinderTest {

    private static final RecordBinder BINDER = new RecordBinder(Map.of(Schedule.class, schedules()));

    private static Map<String, Class<? extends Record>> schedules() {
        Map<String, Class<? extends Record>> table = new LinkedHashMap<>();
        table.put("constant", Constant.class);
        table.put("cosine", Cosine.class);
        table.put("step", Step.class);
        return table;
    }

    enum Mode {
        CROP,
        CENTER_CROP,
        NO
    }

    sealed interface Schedule permits Constant, Cosine, Step {}

    record Constant() implements Schedule {}

    record Cosine(@Default("0") double minLr, @Default("0") int warmup) implements Schedule {
        Cosine {
            if (minLr < 0) {
                throw new IllegalArgumentException("min_lr must be at least 0, got " + minLr);
            }
        }
    }

    record Step(List<Integer> milestones, @Default("0.1") double gamma) implements Schedule {}

    record Sgd(double learningRate, @Default("0.9") double momentum) {}

    record Recipe(
            int epochs,
            Sgd optimizer,
            @Default("{name: constant}") Schedule schedule,
            Optional<Sgd> second) {}

    record Scalars(
            @Default("1") int whole,
            @Default("1") long big,
            @Default("1") double real,
            @Default("true") boolean flag,
            @Default("x") String text,
            @Default("crop") Mode mode,
            @Default("[1, 1]") List<Integer> pair,
            @Default("{}") Map<String, Double> weights,
            OptionalInt count) {}

    record Everything(
            int whole,
            long big,
            double real,
            boolean flag,
            String text,
            Mode mode,
            Sgd nested,
            Schedule schedule,
            List<Integer> wholes,
            List<Double> reals,
            List<String> texts,
            List<Mode> modes,
            List<Sgd> records,
            List<Schedule> schedules,
            List<List<Long>> lists,
            Optional<String> someText,
            Optional<String> noText,
            Optional<Schedule> someSchedule,
            Optional<List<Boolean>> someFlags,
            @Default("5") Optional<Integer> emptied,
            @Default("7") OptionalInt emptiedInt,
            OptionalInt topK5,
            OptionalInt noInt,
            OptionalLong someLong,
            OptionalLong noLong,
            OptionalDouble someDouble,
            OptionalDouble noDouble,
            Map<String, Integer> counts,
            Map<String, Schedule> byName,
            Map<String, List<Sgd>> nestedLists,
            Constant bare) {}

    record Named(String name) implements Comparable<Named> {
        @Override
        public int compareTo(Named other) {
            return name.compareTo(other.name);
        }
    }

    record Names(int labelSmoothing, int topK5, int l2Norm, int useEMADecay, int x) {}

    record Constants(Constant bare) {}

    record Unfit(float rate) {}

    record Broken(@Default("x") int a) {}

    record Failing(int a) {
        Failing {
            if (a > 0) {
                throw new UnsupportedOperationException("no");
            }
        }
    }

    private static <T extends Record> T bind(Class<T> type, String text) {
        return BINDER.bind(Yaml.parse("r.yaml", text), type);
    }

    private static void refused(Class<? extends Record> type, String text, String message) {
        assertThatThrownBy(() -> bind(type, text))
                .isInstanceOf(RecipeException.class)
                .hasMessage(message);
    }

    @Test
    void bindsNestedRecordsWithDefaults() {
        Recipe recipe = bind(Recipe.class, "epochs: 5\noptimizer:\n  learning_rate: 1e-3\n");

        assertThat(recipe).isEqualTo(new Recipe(5, new Sgd(0.001, 0.9), new Constant(), Optional.empty()));
    }

    @Test
    void keysAreSnakeCase() {
        assertThat(bind(Names.class, "label_smoothing: 1\ntop_k5: 2\nl2_norm: 3\nuse_ema_decay: 4\nx: 5\n"))
                .isEqualTo(new Names(1, 2, 3, 4, 5));
    }

    @Test
    void absentKeysTakeTheirDefaults() {
        Scalars expected = new Scalars(1, 1, 1, true, "x", Mode.CROP, List.of(1, 1), Map.of(), OptionalInt.empty());
        assertThat(bind(Scalars.class, "")).isEqualTo(expected);
        assertThat(bind(Scalars.class, "count:\n")).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "1e-3, 0.001",
        "5e-4, 0.0005",
        ".1, 0.1",
        "5, 5",
        "-2, -2",
        "+1.5E+2, 150",
        "3., 3",
        "1e5, 100000",
        "-0.0, -0.0"
    })
    void numbersAreReadFromTheirText(String text, double number) {
        assertThat(bind(Scalars.class, "real: " + text).real()).isEqualTo(number);
    }

    @Test
    void scalarsOfEveryType() {
        Scalars scalars = bind(
                Scalars.class,
                "{whole: -2147483648, big: 9223372036854775807, flag: false, text: 'true', mode: center_crop, count: 3}");

        assertThat(scalars.whole()).isEqualTo(Integer.MIN_VALUE);
        assertThat(scalars.big()).isEqualTo(Long.MAX_VALUE);
        assertThat(scalars.flag()).isFalse();
        assertThat(scalars.text()).isEqualTo("true");
        assertThat(scalars.mode()).isEqualTo(Mode.CENTER_CROP);
        assertThat(scalars.count()).hasValue(3);
        assertThat(bind(Scalars.class, "text: 1.10\n").text()).isEqualTo("1.10");
        assertThat(bind(Scalars.class, "text: ''\n").text()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "whole: ten | 8 | whole | a whole number, got 'ten'",
                "whole: 5.7 | 8 | whole | a whole number, got '5.7', write it without a fraction or an exponent",
                "whole: 1e3 | 8 | whole | a whole number, got '1e3', write it without a fraction or an exponent",
                "whole: 5.0 | 8 | whole | a whole number, got '5.0', write it without a fraction or an exponent",
                "whole: 0x1F | 8 | whole | a whole number, got '0x1F'",
                "whole: 1_000 | 8 | whole | a whole number, got '1_000'",
                "whole: '5' | 8 | whole | a whole number, got the quoted text '5', remove the quotes",
                "whole: 2147483648 | 8 | whole | a whole number from -2147483648 to 2147483647, got '2147483648'",
                "big: 9223372036854775808 | 6 | big | a whole number from -9223372036854775808 to"
                        + " 9223372036854775807, got '9223372036854775808'",
                "whole: {a: 1} | 8 | whole | a whole number, got a mapping",
                "whole: [1] | 8 | whole | a whole number, got a list",
                "whole: | 7 | whole | a whole number, got nothing, write a value",
                "whole: ~ | 8 | whole | a whole number, got nothing, write a value",
                "count: 1.5 | 8 | count | a whole number, got '1.5', write it without a fraction or an exponent",
                "real: x | 7 | real | a number, got 'x'",
                "real: '0.1' | 7 | real | a number, got the quoted text '0.1', remove the quotes",
                "real: .nan | 7 | real | a number, got '.nan'",
                "real: NaN | 7 | real | a number, got 'NaN'",
                "real: .inf | 7 | real | a number, got '.inf'",
                "real: Infinity | 7 | real | a number, got 'Infinity'",
                "real: 1e999 | 7 | real | a number up to 1.8e308, got '1e999'",
                "real: 1f | 7 | real | a number, got '1f'",
                "real: . | 7 | real | a number, got '.'",
                "flag: yes | 7 | flag | true or false, got 'yes'",
                "flag: True | 7 | flag | true or false, got 'True'",
                "flag: 1 | 7 | flag | true or false, got '1'",
                "flag: 'true' | 7 | flag | true or false, got the quoted text 'true', remove the quotes",
                "text: [a] | 7 | text | text, got a list",
                "text: null | 7 | text | text, got nothing, write a value",
                "mode: {a: 1} | 7 | mode | one of crop, center_crop, no, got a mapping",
                "pair: 5 | 7 | pair | a list, got '5', put it in brackets",
                "pair: [1, x] | 11 | pair.1 | a whole number, got 'x'",
                "pair: [1, ~] | 11 | pair.1 | a whole number, got nothing, write a value",
                "weights: 5 | 10 | weights | a mapping, got '5'",
                "weights: {a: 1, b: c} | 20 | weights.b | a number, got 'c'"
            })
    void refusesAValueOfTheWrongType(String text, int column, String path, String problem) {
        refused(Scalars.class, text, "r.yaml:1:" + column + ": " + path + ": expected " + problem);
    }

    @Test
    void refusesAnUnknownEnumValue() {
        refused(Scalars.class, "mode: crup", "r.yaml:1:7: mode: unknown value 'crup', did you mean 'crop'?");
        refused(
                Scalars.class,
                "mode: mixup",
                "r.yaml:1:7: mode: unknown value 'mixup', expected one of crop, center_crop, no");
    }

    @Test
    void refusesARecordThatIsNoMapping() {
        refused(Recipe.class, "epochs: 5\noptimizer: sgd\n", "r.yaml:2:12: optimizer: expected a mapping, got 'sgd'");
        refused(
                Recipe.class,
                "epochs: 5\noptimizer:\n",
                "r.yaml:2:11: optimizer: expected a mapping, got nothing, write a value");
    }

    @Test
    void refusesAnUnknownKey() {
        refused(
                Recipe.class,
                "epochs: 5\noptimizer:\n  learning_rate: 0.1\n  momentun: 0.9\n",
                "r.yaml:4:3: optimizer.momentun: unknown key 'momentun', did you mean 'momentum'?");
        refused(
                Recipe.class,
                "epochs: 5\noptimizer:\n  lerning_rate: 0.1\n",
                "r.yaml:3:3: optimizer.lerning_rate: unknown key 'lerning_rate', did you mean 'learning_rate'?");
        refused(
                Recipe.class,
                "depth: 5\n",
                "r.yaml:1:1: depth: unknown key 'depth', the keys here are epochs, optimizer, schedule, second");
        refused(Constants.class, "bare:\n  a: 1\n", "r.yaml:2:3: bare.a: unknown key 'a', there are no keys here");
    }

    @Test
    void refusesAMissingKey() {
        refused(
                Recipe.class,
                "epochs: 5\noptimizer:\n  momentum: 0.9\n",
                "r.yaml:3:3: optimizer.learning_rate: missing key 'learning_rate', expected a number");
        refused(Recipe.class, "", "r.yaml:1:1: epochs: missing key 'epochs', expected a whole number");
    }

    private static String recipe(String schedule) {
        return "epochs: 5\noptimizer: {learning_rate: 0.1}\nschedule: " + schedule + "\n";
    }

    @Test
    void aVariantIsChosenByItsName() {
        assertThat(bind(Recipe.class, recipe("cosine")).schedule()).isEqualTo(new Cosine(0, 0));
        assertThat(bind(Recipe.class, recipe("{warmup: 3, name: cosine}")).schedule())
                .isEqualTo(new Cosine(0, 3));
        assertThat(bind(Recipe.class, recipe("{name: step, milestones: [1, 2]}"))
                        .schedule())
                .isEqualTo(new Step(List.of(1, 2), 0.1));
    }

    @Test
    void refusesAVariantThatIsNone() {
        refused(Recipe.class, recipe("cosin"), "r.yaml:3:11: schedule: unknown name 'cosin', did you mean 'cosine'?");
        refused(
                Recipe.class,
                recipe("{name: plateau}"),
                "r.yaml:3:18: schedule.name: unknown name 'plateau', expected one of constant, cosine, step");
        refused(
                Recipe.class,
                recipe("{warmup: 3}"),
                "r.yaml:3:11: schedule.name: missing key 'name', expected one of constant, cosine, step");
        refused(
                Recipe.class,
                recipe("[cosine]"),
                "r.yaml:3:11: schedule: expected one of constant, cosine, step, got a list");
        refused(
                Recipe.class,
                recipe(""),
                "r.yaml:3:10: schedule: expected one of constant, cosine, step, got nothing, write a value");
        refused(
                Recipe.class,
                recipe("{name: [a]}"),
                "r.yaml:3:18: schedule.name: expected one of constant, cosine, step, got a list");
        refused(
                Recipe.class,
                recipe("{name: cosine, max: 1}"),
                "r.yaml:3:26: schedule.max: unknown key 'max', the keys here are name, min_lr, warmup");
        refused(
                Recipe.class,
                recipe("step"),
                "r.yaml:3:11: schedule.milestones: missing key 'milestones', expected a list");
    }

    @Test
    void aRecordsOwnCheckNamesItsMapping() {
        refused(
                Recipe.class,
                recipe("\n  name: cosine\n  min_lr: -1"),
                "r.yaml:4:3: schedule: min_lr must be at least 0, got -1.0");
        assertThatThrownBy(() -> bind(Failing.class, "a: 1"))
                .isExactlyInstanceOf(IllegalStateException.class)
                .hasCauseInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void overridesAreBoundLikeText() {
        Yaml.Document document = Yaml.parse("r.yaml", recipe("cosine")).with("schedule.min_lr=5e-4");

        assertThat(BINDER.bind(document, Recipe.class).schedule()).isEqualTo(new Cosine(0.0005, 0));
        assertThatThrownBy(() -> BINDER.bind(document.with("optimizer.momentum=high"), Recipe.class))
                .hasMessage("--set optimizer.momentum=high: optimizer.momentum: expected a number, got 'high'");
        assertThatThrownBy(() -> BINDER.bind(document.with("optimzer.lr=1"), Recipe.class))
                .hasMessage("--set optimzer.lr=1: optimzer: unknown key 'optimzer', did you mean 'optimizer'?");
        assertThatThrownBy(() -> BINDER.bind(document.with("second.momentum=1"), Recipe.class))
                .hasMessage(
                        "--set second.momentum=1: second.learning_rate: missing key 'learning_rate', expected a number");
    }

    @Test
    void mistakesInCodeAreNoRecipeErrors() {
        assertThatThrownBy(() -> bind(Unfit.class, "rate: 1"))
                .isExactlyInstanceOf(IllegalStateException.class)
                .hasMessageContaining("float");
        refused(Broken.class, "", "the default of Broken.a: a: expected a whole number, got 'x'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RecordBinder(Map.of(Schedule.class, Map.of("sgd", Sgd.class))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RecordBinder(Map.of(Comparable.class, Map.of("named", Named.class))));
    }

    @Test
    void whatIsWrittenBindsToAnEqualRecord() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        counts.put("z", 1);
        counts.put("a: b", 2);
        counts.put("5", 3);
        counts.put("null", 4);
        Everything everything = new Everything(
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                1e-3,
                true,
                "1e-3",
                Mode.NO,
                new Sgd(0.1 + 0.2, 1e300),
                new Cosine(4.9e-324, 5),
                List.of(1, 2, 3),
                List.of(1e-10, -0.0, Double.MAX_VALUE, 100000000.0),
                List.of("", " a", "true", "a, b", "plain text"),
                List.of(Mode.CENTER_CROP, Mode.NO),
                List.of(new Sgd(1, 2), new Sgd(3, 4)),
                List.of(new Constant(), new Step(List.of(), 0.5)),
                List.of(List.of(1L, 2L), List.of()),
                Optional.of("null"),
                Optional.empty(),
                Optional.of(new Constant()),
                Optional.of(List.of(true, false)),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.of(5),
                OptionalInt.empty(),
                OptionalLong.of(-6),
                OptionalLong.empty(),
                OptionalDouble.of(1e22),
                OptionalDouble.empty(),
                counts,
                Map.of("x", new Cosine(0, 1)),
                Map.of("x", List.of(new Sgd(1, 2)), "y", List.of()),
                new Constant());

        String text = BINDER.write(everything);
        Everything back = bind(Everything.class, text);

        assertThat(back).isEqualTo(everything);
        assertThat(back.counts().keySet()).containsExactly("z", "a: b", "5", "null");
        assertThat(text)
                .startsWith("""
                        whole: -2147483648
                        big: 9223372036854775807
                        real: 0.001
                        flag: true
                        text: "1e-3"
                        mode: "no"
                        nested:
                          learning_rate: 0.30000000000000004
                          momentum: 1.0e300
                        schedule:
                          name: cosine
                          min_lr: 4.9e-324
                          warmup: 5
                        wholes: [1, 2, 3]
                        """)
                .contains("emptied: null\nemptied_int: null\ntop_k5: 5\nsome_long: -6\nsome_double: 1.0e22\n")
                .contains("records:\n  - learning_rate: 1.0\n    momentum: 2.0\n  - learning_rate: 3.0\n")
                .doesNotContain("no_text", "no_int", "no_long", "no_double");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void refusesToWriteWhatWouldNotComeBack(double number) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BINDER.write(new Sgd(number, 0)))
                .withMessage("expected a finite number, got " + number);
    }

    @Test
    void refusesToWriteAVariantWithoutAName() {
        RecordBinder binder = new RecordBinder(Map.of(Schedule.class, Map.of("constant", Constant.class)));
        Recipe recipe = new Recipe(1, new Sgd(1, 1), new Cosine(0, 0), Optional.empty());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> binder.write(recipe))
                .withMessageContaining("has no name");
    }
}
