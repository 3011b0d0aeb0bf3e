package djinn.training.track;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Names as MLflow takes them: letters, digits, {@code _ - .}, spaces and slashes, and no path that could be shorter. */
final class MlflowNames {

    private static final Pattern OTHERS = Pattern.compile("[^\\p{L}\\p{N}_./ -]");
    private static final int LONGEST = 250;

    /** What was called otherwise, and how. */
    private final Map<String, String> given = new HashMap<>();

    private final Map<String, String> taken = new HashMap<>();

    /** Returns the same for the same name, and another for another. */
    String of(String name) {
        return given.computeIfAbsent(name, this::make);
    }

    private String make(String name) {
        List<String> parts = new ArrayList<>();
        for (String part : OTHERS.matcher(name).replaceAll("_").split("/", -1)) {
            parts.add(part.isEmpty() || part.equals(".") || part.equals("..") ? "_" : part);
        }
        String plain = String.join("/", parts);
        String wanted = plain.substring(0, Math.min(plain.length(), LONGEST));
        String free = wanted;
        for (int number = 2; taken.containsKey(free); number++) {
            String end = "-" + number;
            free = wanted.substring(0, Math.min(wanted.length(), LONGEST - end.length())) + end;
        }
        taken.put(free, name);
        return free;
    }
}
