package djinn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {

    private static final RecordBinder BINDER = new RecordBinder(Map.of());

    record Limits(Optional<Duration> most, Duration least) {}

    @ParameterizedTest
    @CsvSource({
        "90s, 90, 1m30s",
        "20m, 1200, 20m",
        "1h30m, 5400, 1h30m",
        "2d, 172800, 2d",
        "25h, 90000, 1d1h",
        "1d1h1m1s, 90061, 1d1h1m1s",
        "0m, 0, 0s"
    })
    void durationsAreReadAndWritten(String text, long seconds, String written) {
        Duration duration = DurationText.parse(text).orElseThrow();
        assertThat(duration).hasSeconds(seconds);
        assertThat(DurationText.of(duration)).isEqualTo(written);
        assertThat(DurationText.parse(written)).contains(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "20", "1.5h", "m", "30m1h", "-1s", "1h 30m", "1H", "9999999999s", "soon"})
    void othersAreNone(String text) {
        assertThat(DurationText.parse(text)).isEmpty();
    }

    @Test
    void recipesHaveThem() {
        Limits limits = BINDER.bind(Yaml.parse("r.yaml", "most: 1h30m\nleast: '90s'\n"), Limits.class);
        assertThat(limits).isEqualTo(new Limits(Optional.of(Duration.ofMinutes(90)), Duration.ofSeconds(90)));
        assertThat(BINDER.bind(Yaml.parse("r.yaml", BINDER.write(limits)), Limits.class))
                .isEqualTo(limits);
        assertThat(BINDER.bind(Yaml.parse("r.yaml", "least: 1s\n"), Limits.class)
                        .most())
                .isEmpty();
        assertThatThrownBy(() -> BINDER.bind(Yaml.parse("r.yaml", "least: 20\n"), Limits.class))
                .isInstanceOf(RecipeException.class)
                .hasMessage("r.yaml:1:8: least: expected a duration such as 20m, 1h30m or 90s, got '20'");
    }
}
