package djinn.training.track;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns a training into entries of an MLflow run. A run that goes on writes no figure of a step that it wrote already:
 * they are the same, and MLflow cannot take one back.
 */
final class MlflowTracker implements Tracker {

    /** What a page of MLflow shows of a run in words. */
    private static final String DESCRIPTION = "mlflow.note.content";

    private static final int LONGEST_PARAMETER = 6000;
    private static final int LONGEST_TAG = 5000;
    private static final String KEY = "key";
    private static final String VALUE = "value";
    private static final String CUT = " ... (cut; the rest is in the run's files)";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Mlflow settings;
    private final TrackedRun run;
    private final MlflowPace pace;
    private final MlflowNames names = new MlflowNames();

    /** What was written before: the last step of each figure, the parameters, and the description. */
    private final Map<String, Long> steps = new HashMap<>();

    private final Map<String, String> parameters = new HashMap<>();
    private final List<String> notes = new ArrayList<>();
    private boolean goesOn;
    private MlflowSender sender;

    MlflowTracker(Mlflow settings, TrackedRun run) {
        this(settings, run, MlflowPace.USUAL);
    }

    MlflowTracker(Mlflow settings, TrackedRun run, MlflowPace pace) {
        this.settings = settings;
        this.run = run;
        this.pace = pace;
    }

    @Override
    public void begin(long step) {
        sender = new MlflowSender(settings, run.folder(), run.environment(), pace, this::remember);
        if (goesOn) {
            sender.add(status("RUNNING"));
        }
        run.parameters().forEach(this::parameter);
        file("recipe.yaml");
        file("provenance.yaml");
        sender.start();
    }

    private void remember(String line) {
        goesOn = true;
        ObjectNode entry = MlflowBatch.read(line);
        String key = entry.path(KEY).asString("");
        switch (entry.path(MlflowBatch.KIND).asString("")) {
            case MlflowBatch.METRIC -> steps.merge(key, entry.path("step").asLong(), Math::max);
            case MlflowBatch.PARAM -> parameters.put(key, entry.path(VALUE).asString(""));
            case MlflowBatch.TAG -> {
                if (key.equals(DESCRIPTION)) {
                    notes.clear();
                    notes.add(entry.path(VALUE).asString(""));
                }
            }
            default -> {
                // a status, or a file
            }
        }
    }

    /** MLflow takes no other value of a parameter: one that was changed is a tag. */
    private void parameter(String name, String given) {
        String key = names.of(name);
        String value = cut(given, LONGEST_PARAMETER);
        String before = parameters.putIfAbsent(key, value);
        if (before == null) {
            sender.add(entry(MlflowBatch.PARAM, key).put(VALUE, value));
        } else if (!before.equals(value)) {
            sender.add(entry(MlflowBatch.TAG, names.of("changed." + name)).put(VALUE, cut(given, LONGEST_TAG)));
        }
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest - CUT.length()) + CUT;
    }

    @Override
    public void scalars(long step, Map<String, Double> values) {
        long now = System.currentTimeMillis();
        values.forEach((name, value) -> {
            String key = names.of(name);
            if (steps.getOrDefault(key, -1L) < step) {
                steps.put(key, step);
                sender.add(entry(MlflowBatch.METRIC, key)
                        .put(VALUE, value)
                        .put("timestamp", now)
                        .put("step", step));
            }
        });
    }

    @Override
    public void note(long step, String line) {
        notes.add(line);
        sender.add(entry(MlflowBatch.TAG, DESCRIPTION).put(VALUE, cut(String.join("  \n", notes), LONGEST_TAG)));
    }

    @Override
    public void picture(long step, String name, Path picture) {
        file(name);
    }

    @Override
    public void end(long step, Status status) {
        Stream.of("results.csv", "per_class.csv", "train.log").forEach(this::file);
        if (settings.weights() && status == Status.FINISHED) {
            file("best.safetensors");
        }
        sender.add(status(
                        switch (status) {
                            case FINISHED -> "FINISHED";
                            case INTERRUPTED -> "KILLED";
                            case FAILED -> "FAILED";
                        })
                .put("end_time", System.currentTimeMillis()));
    }

    private void file(String name) {
        if (Files.exists(run.folder().resolve(name))) {
            sender.addFile(JSON.createObjectNode().put("file", name));
        }
    }

    private static ObjectNode status(String status) {
        return JSON.createObjectNode().put(MlflowBatch.KIND, MlflowBatch.STATUS).put("status", status);
    }

    private static ObjectNode entry(String kind, String key) {
        return JSON.createObjectNode().put(MlflowBatch.KIND, kind).put(KEY, key);
    }

    @Override
    public List<String> news() {
        return sender == null ? List.of() : sender.news();
    }

    @Override
    public void close() {
        if (sender != null) {
            sender.finish();
            sender.close();
        }
    }
}
