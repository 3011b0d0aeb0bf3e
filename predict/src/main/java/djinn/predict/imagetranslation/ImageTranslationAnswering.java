package djinn.predict.imagetranslation;

import djinn.inference.Answering;
import java.nio.file.Path;
import java.util.Map;

/** Trained generators that translate images: they are asked by {@link ImageTranslator}. */
public final class ImageTranslationAnswering implements Answering {

    @Override
    public ImageTranslationCard card(Map<String, String> metadata, Path file) {
        return ImageTranslationCard.fromMetadata(metadata, file);
    }
}
