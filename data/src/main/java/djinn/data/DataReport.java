package djinn.data;

import java.util.List;
import java.util.Map;

/** What is wrong with a data set, and what is in it. */
public interface DataReport {

    /** Returns what whoever made the data should know. */
    List<Finding> findings();

    /** Returns what is in each part, a line each. */
    List<String> lines();

    /** Returns what is in each part: texts, numbers, maps and lists of those, as JSON has them. */
    List<Map<String, Object>> parts();

    /** Returns how many findings are {@linkplain Finding.Kind#isFault faults}. */
    default long faults() {
        return findings().stream().filter(finding -> finding.kind().isFault()).count();
    }
}
