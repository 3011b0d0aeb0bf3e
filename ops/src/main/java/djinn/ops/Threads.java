package djinn.ops;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How many threads an engine's operations may use: those asked for, or no more than the Java runtime may use, which
 * knows the quota of a container where the engines look at the whole machine.
 */
public final class Threads {

    /** The system property that asks for a number of threads; to be set before the first operation. */
    public static final String PROPERTY = "djinn.threads";

    private static final Path PROCESSORS = Path.of("/sys/devices/system/cpu");
    private static final Path ONLINE = PROCESSORS.resolve("online");

    private Threads() {}

    /**
     * Returns the number asked for.
     *
     * @return empty if none was
     * @throws IllegalArgumentException if the property is no number of at least 1
     */
    public static OptionalInt asked() {
        String text = System.getProperty(PROPERTY);
        if (text == null) {
            return OptionalInt.empty();
        }
        if (!text.matches("[1-9]\\d{0,3}")) {
            throw new IllegalArgumentException("expected threads as a number from 1 to 9999, got '" + text + "'");
        }
        return OptionalInt.of(Integer.parseInt(text));
    }

    /**
     * Returns what an engine is to be told.
     *
     * @return the number asked for; else the processors that the Java runtime may use, where they are fewer than the
     *     machine has; empty where an engine's own choice is right
     * @throws IllegalArgumentException if what is asked for is no number of at least 1
     */
    public static OptionalInt limit() {
        OptionalInt asked = asked();
        int allowed = Runtime.getRuntime().availableProcessors();
        return asked.isPresent() || allowed >= processors() ? asked : OptionalInt.of(allowed);
    }

    /**
     * Returns how many cores the Java runtime may use, each once however many processors it has.
     *
     * @return empty where the system does not tell
     */
    public static OptionalInt cores() {
        try {
            int cores = cores(PROCESSORS, numbers(Files.readString(ONLINE)));
            return OptionalInt.of(Math.min(cores, Runtime.getRuntime().availableProcessors()));
        } catch (IOException | IllegalArgumentException e) {
            return OptionalInt.empty();
        }
    }

    /** How many cores processors have, each in its own folder of a folder as Linux has it. */
    static int cores(Path folder, int[] processors) throws IOException {
        Set<String> cores = new HashSet<>();
        for (int processor : processors) {
            cores.add(Files.readString(folder.resolve("cpu" + processor).resolve("topology/thread_siblings_list")));
        }
        return cores.size();
    }

    /** The machine's processors; where the system does not tell, as many as are allowed. */
    private static int processors() {
        try {
            return numbers(Files.readString(ONLINE)).length;
        } catch (IOException | IllegalArgumentException e) {
            return Runtime.getRuntime().availableProcessors();
        }
    }

    /**
     * Reads a list as Linux writes it.
     *
     * @param list such as {@code 0-3,8}
     * @return the numbers, in order
     * @throws IllegalArgumentException if it is no such list
     */
    static int[] numbers(String list) {
        return Arrays.stream(list.strip().split(",", -1))
                .flatMapToInt(part -> {
                    int dash = part.indexOf('-');
                    int last = Integer.parseInt(part.substring(dash + 1));
                    return IntStream.rangeClosed(dash < 0 ? last : Integer.parseInt(part.substring(0, dash)), last);
                })
                .toArray();
    }
}
