package djinn.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The numbers that VP8 fixes; see the file they are in. */
final class Vp8Tables {

    /** Probabilities of coefficients: 4 kinds of block, 8 bands, 3 contexts and 11 nodes, and of 4x4 modes: 10, 10, 9. */
    private static final int COEFFICIENTS = 4 * 8 * 3 * 11;

    private static final int MODES = 10 * 10 * 9;
    private static final int QUANTIZERS = 128;

    static final int[] UPDATES;
    static final int[] PROBABILITIES;
    static final int[] MODE_PROBABILITIES;
    static final int[] FIRST_STEPS;
    static final int[] OTHER_STEPS;

    static {
        int[] all = read();
        int modes = 2 * COEFFICIENTS;
        int steps = modes + MODES;
        UPDATES = Arrays.copyOfRange(all, 0, COEFFICIENTS);
        PROBABILITIES = Arrays.copyOfRange(all, COEFFICIENTS, modes);
        MODE_PROBABILITIES = Arrays.copyOfRange(all, modes, steps);
        FIRST_STEPS = Arrays.copyOfRange(all, steps, steps + QUANTIZERS);
        OTHER_STEPS = Arrays.copyOfRange(all, steps + QUANTIZERS, steps + 2 * QUANTIZERS);
    }

    private Vp8Tables() {}

    private static int[] read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Vp8Tables.class.getResourceAsStream("vp8-tables.txt"), StandardCharsets.US_ASCII))) {
            return lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .flatMap(line -> Arrays.stream(line.split(" ")))
                    .mapToInt(Integer::parseInt)
                    .toArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
