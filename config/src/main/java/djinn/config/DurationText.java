package djinn.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as recipes write them: whole numbers of days, hours, minutes and seconds, such as {@code 1h30m}. */
public final class DurationText {

    /** What is expected where a duration is. */
    static final String EXPECTED = "a duration such as 20m, 1h30m or 90s";

    private static final Pattern PARTS =
            Pattern.compile("(?:(\\d{1,6})d)?(?:(\\d{1,6})h)?(?:(\\d{1,6})m)?(?:(\\d{1,9})s)?");
    private static final List<String> UNITS = List.of("d", "h", "m", "s");
    private static final List<Long> SECONDS = List.of(86400L, 3600L, 60L, 1L);

    private DurationText() {}

    /**
     * Reads a duration.
     *
     * @param text such as {@code 20m}, {@code 1h30m}, {@code 90s} or {@code 2d}
     * @return empty if it is none
     */
    public static Optional<Duration> parse(String text) {
        Matcher parts = PARTS.matcher(text);
        if (text.isEmpty() || !parts.matches()) {
            return Optional.empty();
        }
        long seconds = 0;
        for (int i = 0; i < UNITS.size(); i++) {
            String part = parts.group(i + 1);
            seconds += part == null ? 0 : Long.parseLong(part) * SECONDS.get(i);
        }
        return Optional.of(Duration.ofSeconds(seconds));
    }

    /** Returns a duration of whole seconds, at least 0, as text that is read as the same. */
    public static String of(Duration duration) {
        StringBuilder text = new StringBuilder();
        long left = duration.toSeconds();
        for (int i = 0; i < UNITS.size(); i++) {
            long count = left / SECONDS.get(i);
            left %= SECONDS.get(i);
            if (count > 0) {
                text.append(count).append(UNITS.get(i));
            }
        }
        return text.isEmpty() ? "0s" : text.toString();
    }
}
