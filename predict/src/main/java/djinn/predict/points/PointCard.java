package djinn.predict.points;

import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.generative.LineGenerator;
import djinn.zoo.generative.PointGenerator;
import djinn.zoo.nn.NamedBlock;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the weights of a generator of points must say so that they can be used by themselves.
 *
 * @param config what varies in it; empty for a line of which nothing but its place is learnt
 */
public record PointCard(Optional<PointGenerator.Config> config) implements Card {

    /** The name of the task. */
    public static final String TASK_NAME = "gan_points";

    private static final String MODEL = "djinn.model";
    private static final String POINTS = "point_generator";
    private static final String LINE = "line_generator";
    private static final String LATENT = "djinn.latent";
    private static final String WIDTH = "djinn.width";
    private static final String LAYERS = "djinn.layers";

    /** Returns what the model is called. */
    public String name() {
        return config.isPresent() ? POINTS : LINE;
    }

    /** Returns the length of a random vector. */
    public int latent() {
        return config.map(PointGenerator.Config::latent).orElse(1);
    }

    @Override
    public String task() {
        return TASK_NAME;
    }

    @Override
    public String output() {
        return "points of the plane, (N, 2), float32, of random "
                + (config.isPresent()
                        ? "vectors (N, L) that are normally distributed"
                        : "heights (N, 1), uniform from 0 to 1");
    }

    @Override
    public NamedBlock newModel() {
        return config.<NamedBlock>map(PointGenerator::new).orElseGet(() -> new LineGenerator(0));
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, TASK_NAME);
        metadata.put(MODEL, name());
        config.ifPresent(points -> {
            metadata.put(LATENT, Integer.toString(points.latent()));
            metadata.put(WIDTH, Integer.toString(points.width()));
            metadata.put(LAYERS, Integer.toString(points.layers()));
        });
        metadata.put(OUTPUT, output());
        return metadata;
    }

    /**
     * Returns the card in the metadata of a file, as {@link #toMetadata()} makes them.
     *
     * @param metadata of the weights
     * @param file for messages
     * @return the card
     * @throws DataException if there is none, or it is damaged
     */
    public static PointCard fromMetadata(Map<String, String> metadata, Path file) {
        String model = metadata.getOrDefault(MODEL, "a file that does not say what it is");
        return switch (model) {
            case LINE -> new PointCard(Optional.empty());
            case POINTS ->
                new PointCard(Optional.of(new PointGenerator.Config(
                        number(file, metadata, LATENT),
                        number(file, metadata, WIDTH),
                        number(file, metadata, LAYERS))));
            default ->
                throw new DataException(file + ": expected the weights of a generator of points, which say " + MODEL
                        + ", " + POINTS + " or " + LINE + ", got " + model
                        + "; take best.safetensors of a run whose task is " + TASK_NAME);
        };
    }

    private static int number(Path file, Map<String, String> metadata, String key) {
        String value = metadata.getOrDefault(key, "nothing");
        if (!value.matches("[1-9][0-9]{0,5}")) {
            throw new DataException(file + ": expected a whole number of at least 1 as " + key + ", got " + value
                    + "; the file is damaged or not from djinn");
        }
        return Integer.parseInt(value);
    }
}
