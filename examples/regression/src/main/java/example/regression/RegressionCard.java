package example.regression;

import djinn.inference.Card;
import djinn.inference.ModelCard;
import djinn.ops.DataException;
import djinn.zoo.ModelEntry;
import djinn.zoo.nn.ArrayBlock;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a file must say so that its model tells angles.
 *
 * @param model a model of the zoo of one class, and what is done to every image
 * @param scale what its answers mean
 */
record RegressionCard(ModelCard model, AngleScale scale) implements Card {

    static RegressionCard of(Map<String, String> metadata, Path file) {
        String task = metadata.get(TASK);
        ModelCard card = ModelCard.fromMetadata(metadata, file)
                .filter(found -> RegressionExtension.TASK.equals(task))
                .orElseThrow(() -> new DataException(file + ": expected weights of the task " + RegressionExtension.TASK
                        + ", got those of " + task + "; give a run's best.safetensors"));
        return new RegressionCard(card, AngleScale.of(metadata, file));
    }

    @Override
    public String task() {
        return RegressionExtension.TASK;
    }

    @Override
    public String output() {
        return "the angle, (N, 1), -1 for the least and 1 for the most degrees";
    }

    @Override
    public ArrayBlock newModel() {
        return model.newModel();
    }

    @Override
    public Optional<ModelEntry> entry() {
        return model.entry();
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>(model.toMetadata());
        metadata.put(TASK, task());
        metadata.put(OUTPUT, output());
        metadata.putAll(scale.toMetadata());
        return metadata;
    }
}
