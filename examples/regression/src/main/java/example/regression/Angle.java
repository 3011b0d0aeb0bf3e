package example.regression;

import djinn.inference.Answer;
import java.util.Locale;
import java.util.Map;

/**
 * The answer to an image of a bar.
 *
 * @param degrees how far the bar is turned
 */
public record Angle(double degrees) implements Answer {

    @Override
    public Map<String, Object> fields() {
        return Map.of("degrees", degrees);
    }

    @Override
    public String line() {
        return String.format(Locale.ROOT, "%.1f degrees", degrees);
    }
}
