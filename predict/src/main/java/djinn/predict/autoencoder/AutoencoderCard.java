package djinn.predict.autoencoder;

import djinn.data.Preprocessing;
import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.generative.ConvAutoencoder;
import djinn.zoo.generative.ConvDecoder;
import djinn.zoo.generative.ConvVae;
import djinn.zoo.generative.ImageCoder;
import djinn.zoo.nn.NamedBlock;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the weights of an autoencoder of images must say so that they can be used by themselves; kept in the file's metadata.
 *
 * <p>The keys are {@code djinn.task}, {@code djinn.model} (as recipes name it), {@code djinn.extents} (what varies, JSON),
 * {@code djinn.preprocessing} (what is done to images, JSON) and, of a part alone, {@code djinn.part}.
 *
 * @param kind which autoencoder
 * @param extents what varies in it
 * @param images what is done to every image
 * @param part which part the file is of; empty of the whole
 */
public record AutoencoderCard(Kind kind, ImageCoder.Config extents, Preprocessing images, Optional<Part> part)
        implements Card {

    /** The name of the task. */
    public static final String TASK_NAME = "autoencoder";

    private static final String MODEL = "djinn.model";
    private static final String EXTENTS = "djinn.extents";
    private static final String PREPROCESSING = "djinn.preprocessing";
    private static final String PART = "djinn.part";
    private static final JsonMapper JSON = JsonMapper.shared();

    /** The kinds there are. */
    public enum Kind {
        /** One vector for each image. */
        AUTOENCODER,
        /** A normal distribution of vectors for each image (Kingma and Welling 2014). */
        VAE;

        /** Returns what recipes and files call it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Builds the network, not initialised. */
        public ImageCoder build(ImageCoder.Config config) {
            return this == VAE ? new ConvVae(config) : new ConvAutoencoder(config);
        }
    }

    /** A part that is handed on by itself. */
    public enum Part {
        /** From images to vectors. */
        ENCODER,
        /** From vectors to images. */
        DECODER;

        /** Returns what commands and files call it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public String task() {
        return TASK_NAME;
    }

    /** Returns the card of a part. */
    public AutoencoderCard of(Part wanted) {
        return new AutoencoderCard(kind, extents, images, Optional.of(wanted));
    }

    @Override
    public String output() {
        String drawn = "images, (N, C, H, W), float32, from -1 to 1, of ";
        if (part.isEmpty()) {
            return drawn + "such images";
        } else if (part.get() == Part.DECODER) {
            return drawn + "vectors, (N, L)";
        }
        return kind == Kind.VAE
                ? "the mean and the logarithm of the variance of vectors, (N, L) each, of images, (N, C, H, W), from -1 to 1"
                : "vectors, (N, L), of images, (N, C, H, W), float32, from -1 to 1";
    }

    @Override
    public NamedBlock newModel() {
        if (part.isEmpty()) {
            return kind.build(extents);
        } else if (part.get() == Part.DECODER) {
            return new ConvDecoder(extents);
        }
        return kind == Kind.VAE ? new ConvVae.Encoder(extents) : new ConvAutoencoder.Encoder(extents);
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, TASK_NAME);
        metadata.put(MODEL, kind.text());
        metadata.put(EXTENTS, JSON.writeValueAsString(extents));
        metadata.put(PREPROCESSING, JSON.writeValueAsString(images));
        part.ifPresent(own -> metadata.put(PART, own.text()));
        metadata.put(OUTPUT, output());
        return metadata;
    }

    /**
     * Returns the card in the metadata of a file, as {@link #toMetadata()} makes them.
     *
     * @param metadata of the file
     * @param file for messages
     * @return the card
     * @throws DataException if there is none, or it is damaged
     */
    public static AutoencoderCard fromMetadata(Map<String, String> metadata, Path file) {
        String task = metadata.getOrDefault(TASK, "");
        if (!task.equals(TASK_NAME)) {
            throw new DataException(file + ": expected an autoencoder of images that Djinn trained, found "
                    + (task.isEmpty() ? "a file that does not say what it is" : "a model of the task " + task));
        }
        try {
            return new AutoencoderCard(
                    Kind.valueOf(Card.required(metadata, MODEL).toUpperCase(Locale.ROOT)),
                    JSON.readValue(Card.required(metadata, EXTENTS), ImageCoder.Config.class),
                    JSON.readValue(Card.required(metadata, PREPROCESSING), Preprocessing.class),
                    Optional.ofNullable(metadata.get(PART)).map(name -> Part.valueOf(name.toUpperCase(Locale.ROOT))));
        } catch (IllegalArgumentException | JacksonException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new DataException(file + ": its description of the model cannot be read: " + reason, e);
        }
    }
}
