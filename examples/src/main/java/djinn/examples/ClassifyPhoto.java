package djinn.examples;

import djinn.inference.ImageClassifier;
import java.nio.file.Path;

/** Tells what is on a photo: {@code ClassifyPhoto runs/digits photo.jpg}. */
public final class ClassifyPhoto {

    private ClassifyPhoto() {}

    /**
     * Runs the example.
     *
     * @param args the folder of a run, or an ONNX file; and an image
     */
    public static void main(String[] args) {
        try (ImageClassifier classifier = ImageClassifier.open(Path.of(args[0]))) {
            System.out.println(classifier.predict(Path.of(args[1])).best());
        }
    }
}
