package djinn.training.track;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What goes into one request: the first of the lines that wait.
 *
 * @param lines of the journal
 * @param entries the same, read
 */
record MlflowBatch(List<Journal.Line> lines, List<ObjectNode> entries) {

    static final String KIND = "kind";
    static final String METRIC = "metric";
    static final String PARAM = "param";
    static final String TAG = "tag";
    static final String STATUS = "status";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** MLflow takes 1000 figures, 100 parameters and 100 tags in a request, 1000 in all, and a million bytes. */
    private static final Map<String, Integer> MOST = Map.of(METRIC, 1000, PARAM, 100, TAG, 100);

    private static final int MOST_IN_ALL = 1000;
    private static final int MOST_CHARACTERS = 200_000;

    static boolean isMetric(JsonNode entry) {
        return entry.path(KIND).asString("").equals(METRIC);
    }

    static ObjectNode read(String line) {
        return (ObjectNode) JSON.readTree(line);
    }

    /** Returns whether it is a change of how the run stands, which is a request of its own. */
    boolean isStatus() {
        return entries.get(0).path(KIND).asString("").equals(STATUS);
    }

    /** Takes as many as go into a request, from the first on: of a tag that comes twice, one. */
    static MlflowBatch first(List<Journal.Line> waiting) {
        List<Journal.Line> lines = new ArrayList<>();
        List<ObjectNode> entries = new ArrayList<>();
        Map<String, Integer> counts = new HashMap<>();
        Set<String> tags = new HashSet<>();
        int characters = 0;
        for (Journal.Line line : waiting) {
            ObjectNode entry = read(line.text());
            String kind = entry.path(KIND).asString("");
            characters += line.text().length();
            boolean fits = entries.isEmpty()
                    || (!kind.equals(STATUS)
                            && counts.getOrDefault(kind, 0) < MOST.get(kind)
                            && entries.size() < MOST_IN_ALL
                            && characters <= MOST_CHARACTERS
                            && !(kind.equals(TAG)
                                    && tags.contains(entry.path("key").asString(""))));
            if (!fits) {
                break;
            }
            lines.add(line);
            entries.add(entry);
            counts.merge(kind, 1, Integer::sum);
            if (kind.equals(TAG)) {
                tags.add(entry.path("key").asString(""));
            } else if (kind.equals(STATUS)) {
                break;
            }
        }
        return new MlflowBatch(lines, entries);
    }
}
