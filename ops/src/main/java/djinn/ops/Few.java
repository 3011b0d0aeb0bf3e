package djinn.ops;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Names in a message of one line: all of them where they are few, else the first ones and how many more there are. */
public final class Few {

    /** Letters of a list that is told whole. */
    private static final int WHOLE = 240;

    /** Letters of the part of a longer one. */
    private static final int PART = 80;

    private Few() {}

    /**
     * Lists names.
     *
     * @param names in the order they are told
     * @return {@code a, b, c}, or {@code a, b, c and 93 more}
     */
    public static String of(Collection<String> names) {
        String all = String.join(", ", names);
        if (!areMany(names)) {
            return all;
        }
        List<String> shown = new ArrayList<>();
        int letters = 0;
        for (String name : names) {
            letters += name.length() + 2;
            if (letters > PART && !shown.isEmpty()) {
                break;
            }
            shown.add(name);
        }
        return shown.size() == names.size()
                ? all
                : String.join(", ", shown) + " and " + (names.size() - shown.size()) + " more";
    }

    /** Returns whether names are too many to be told in a line. */
    static boolean areMany(Collection<String> names) {
        return names.stream().mapToInt(name -> name.length() + 2).sum() > WHOLE + 2;
    }
}
