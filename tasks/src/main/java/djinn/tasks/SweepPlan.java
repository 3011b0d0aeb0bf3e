package djinn.tasks;

import djinn.ops.Default;
import djinn.ops.Randomness;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a sweep tries: keys of a recipe, and for each trial a value of each.
 *
 * <p>In a grid, {@code KEY.PATH=VALUE,VALUE,...} lists the values of a key, and every combination is a trial, the last
 * key changing fastest. Values are YAML; commas within brackets, braces and quotes do not separate: {@code
 * optimizer={name: sgd, lr: 0.1},{name: adamw, lr: 0.002}}.
 *
 * <p>At random, a key has a distribution that every trial draws from: {@code uniform(LOW,HIGH)}, {@code log(LOW,HIGH)}
 * (the logarithm is uniform), {@code int(LOW,HIGH)} (whole numbers, both ends included), or {@code [VALUE; VALUE; ...]}.
 * Drawn numbers have four digits. A trial's draws depend on the seed, its number and the key's place alone.
 *
 * @param recipe the recipe's file
 * @param set overrides of the recipe that all trials have, {@code KEY.PATH=VALUE}
 * @param grid keys with their values; either this or random
 * @param random keys with their distributions
 * @param trials how many are drawn at random; 0 in a grid
 * @param seed decides what is drawn
 */
public record SweepPlan(
        String recipe,
        @Default("[]") List<String> set,
        @Default("[]") List<String> grid,
        @Default("[]") List<String> random,
        @Default("0") int trials,
        @Default("0") long seed) {

    private static final int MOST = 10_000;
    private static final MathContext DIGITS = new MathContext(4);
    private static final String NUMBER = "\\s*([-+0-9.eE]+)\\s*";
    private static final Pattern DISTRIBUTION = Pattern.compile("(uniform|log|int)\\(" + NUMBER + "," + NUMBER + "\\)");
    private static final String DISTRIBUTIONS =
            "uniform(LOW,HIGH), log(LOW,HIGH), int(LOW,HIGH) or [VALUE; VALUE; ...]";

    /** A random key's values, over shares from 0 to below 1 that are all as likely. */
    @FunctionalInterface
    private interface Draw {
        String at(double share);
    }

    /**
     * Copies the lists and checks them.
     *
     * @throws IllegalArgumentException if there are both a grid and random keys or neither, a key comes twice or below
     *     one that comes later, or values are not of the form above
     */
    public SweepPlan {
        set = List.copyOf(set);
        grid = List.copyOf(grid);
        random = List.copyOf(random);
        if (grid.isEmpty() == random.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected keys to try, in a grid or at random, got " + (grid.isEmpty() ? "neither" : "both"));
        }
        boolean counted = random.isEmpty() ? trials == 0 : trials >= 1 && trials <= MOST;
        if (!counted) {
            throw new IllegalArgumentException(
                    random.isEmpty()
                            ? "expected no number of trials for a grid, which has every combination, got " + trials
                            : "expected 1 to " + MOST + " trials at random, got " + trials);
        }
        checkKeys(Stream.concat(grid.stream(), random.stream())
                .map(SweepPlan::key)
                .toList());
        random.forEach(SweepPlan::draw);
        long combinations = 1;
        for (String axis : grid) {
            combinations *= values(axis).size();
            if (combinations > MOST) {
                throw new IllegalArgumentException(
                        "expected a grid of at most " + MOST + " combinations, got more; try keys at random");
            }
        }
    }

    /** Returns the keys that change, in their order. */
    public List<String> keys() {
        return Stream.concat(grid.stream(), random.stream()).map(SweepPlan::key).toList();
    }

    /** Returns the values of {@link #keys()} in each trial, as YAML text. */
    public List<List<String>> combinations() {
        List<List<String>> rows = List.of(List.of());
        for (String axis : grid) {
            List<String> values = values(axis);
            rows = rows.stream()
                    .flatMap(row -> values.stream().map(value -> with(row, value)))
                    .toList();
        }
        if (random.isEmpty()) {
            return rows;
        }
        List<Draw> draws = random.stream().map(SweepPlan::draw).toList();
        List<List<String>> drawn = new ArrayList<>();
        for (int trial = 0; trial < trials; trial++) {
            List<String> row = new ArrayList<>();
            for (Draw draw : draws) {
                row.add(draw.at(new SplittableRandom(Randomness.mix(seed, trial, row.size())).nextDouble()));
            }
            drawn.add(List.copyOf(row));
        }
        return List.copyOf(drawn);
    }

    private static List<String> with(List<String> row, String value) {
        return Stream.concat(row.stream(), Stream.of(value)).toList();
    }

    private static void checkKeys(List<String> keys) {
        Set<String> seen = new HashSet<>();
        for (String key : keys) {
            if (!seen.add(key)) {
                throw new IllegalArgumentException("expected each key once, got " + key + " twice");
            }
        }
        for (int i = 0; i < keys.size(); i++) {
            for (String later : keys.subList(i + 1, keys.size())) {
                if (keys.get(i).startsWith(later + ".")) {
                    throw new IllegalArgumentException("expected " + later + " before " + keys.get(i)
                            + ", which is a part of it, got it after; change their order");
                }
            }
        }
    }

    private static String key(String axis) {
        int equals = axis.indexOf('=');
        String key = axis.substring(0, Math.max(0, equals)).strip();
        if (key.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected KEY.PATH=VALUES, such as optimizer.lr=0.01,0.1, got '" + axis + "'");
        }
        return key;
    }

    private static List<String> values(String axis) {
        return split(axis, axis.substring(axis.indexOf('=') + 1), ',');
    }

    private static Draw draw(String axis) {
        String text = axis.substring(axis.indexOf('=') + 1).strip();
        if (text.startsWith("[") && text.endsWith("]")) {
            List<String> values = split(axis, text.substring(1, text.length() - 1), ';');
            return share -> values.get((int) (share * values.size()));
        }
        Matcher matcher = DISTRIBUTION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("expected " + DISTRIBUTIONS + ", got '" + axis + "'");
        }
        String kind = matcher.group(1);
        double low = number(matcher.group(2), axis);
        double high = number(matcher.group(3), axis);
        if (!(low < high)) {
            throw new IllegalArgumentException("expected LOW below HIGH, got '" + axis + "'");
        }
        if (kind.equals("int")) {
            if (low != Math.rint(low) || high != Math.rint(high) || Math.max(-low, high) > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("expected whole numbers in int(LOW,HIGH), got '" + axis + "'");
            }
            return share -> Long.toString((long) Math.floor(low + share * (high - low + 1)));
        }
        if (kind.equals("uniform")) {
            return share -> text(low + share * (high - low), low, high);
        }
        if (!(low > 0)) {
            throw new IllegalArgumentException("expected LOW above 0 in log(LOW,HIGH), got '" + axis + "'");
        }
        return share -> text(low * Math.pow(high / low, share), low, high);
    }

    private static double number(String text, String axis) {
        try {
            double number = Double.parseDouble(text);
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException("expected numbers in " + DISTRIBUTIONS + ", got '" + axis + "'");
    }

    /** Few digits, for tables, but never beyond the bounds. */
    private static String text(double value, double low, double high) {
        double rounded = BigDecimal.valueOf(value).round(DIGITS).doubleValue();
        return Double.toString(Math.max(low, Math.min(high, rounded))).replace('E', 'e');
    }

    /** Cuts a text at a separator outside of brackets, braces and quotes. */
    private static List<String> split(String axis, String text, char separator) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        int depth = 0;
        char quote = 0;
        char before = separator;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                if (c == '\\' && quote == '"') {
                    i++;
                } else if (c == quote) {
                    quote = 0;
                }
            } else if ((c == '"' || c == '\'') && ",;:[{".indexOf(before) >= 0) {
                // elsewhere it is an apostrophe
                quote = c;
            } else if (c == '[' || c == '{') {
                depth++;
            } else if (c == ']' || c == '}') {
                depth--;
            } else if (c == separator && depth == 0) {
                parts.add(text.substring(start, i).strip());
                start = i + 1;
            }
            if (depth < 0) {
                break;
            }
            before = Character.isWhitespace(c) ? before : c;
        }
        if (depth != 0 || quote != 0) {
            throw new IllegalArgumentException("expected brackets and quotes in pairs, got '" + axis + "'");
        }
        parts.add(text.substring(start).strip());
        if (parts.contains("")) {
            throw new IllegalArgumentException(
                    "expected values separated by '" + separator + "', got an empty one in '" + axis + "'");
        }
        return List.copyOf(parts);
    }
}
