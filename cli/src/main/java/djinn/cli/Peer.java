package djinn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Another program that times the same step. */
final class Peer {

    private static final Pattern SPACE = Pattern.compile("\\s+");

    private Peer() {}

    /**
     * Runs a command that prints a line of JSON with {@code median_ms} in it.
     *
     * @param command its words, with {NAME} in place of what differs
     * @param places what stands for each name
     * @return the milliseconds of its last such line
     * @throws DataException if it cannot be run or prints no such line
     */
    static double medianMs(String command, Map<String, Object> places) {
        List<String> words = new ArrayList<>();
        for (String word : SPACE.split(command.strip(), -1)) {
            String filled = word;
            for (Map.Entry<String, Object> place : places.entrySet()) {
                filled = filled.replace(
                        "{" + place.getKey() + "}", place.getValue().toString());
            }
            words.add(filled);
        }
        String line = String.join(" ", words);
        try {
            Process process = new ProcessBuilder(words)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            int code = process.waitFor();
            return output.lines()
                    .filter(text -> text.startsWith("{") && text.contains("median_ms"))
                    .reduce((first, last) -> last)
                    .map(text -> Json.read(text).get("median_ms"))
                    .map(Number.class::cast)
                    .orElseThrow(() -> new DataException("'" + line + "' ended with " + code
                            + " and printed no line of JSON with median_ms; run it by itself to see why"))
                    .doubleValue();
        } catch (IOException e) {
            throw new DataException("cannot run '" + line + "': " + AtomicFile.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DataException("interrupted", e);
        }
    }
}
