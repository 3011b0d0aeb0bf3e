package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import djinn.data.LabelMap;
import djinn.data.Pixels;
import djinn.inference.Predictor;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.segmentation.ImageSegmenter;
import djinn.predict.segmentation.Segmentation;
import djinn.predict.segmentation.SegmentationCard;
import djinn.predict.segmentation.Views;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.weights.PascalVoc;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights of a segmenter that say nothing of themselves: asked, exported and looked at in tiles by the model's name. */
class SegmenterByNameTest {

    private static final String MODEL = "deeplabv3_mobilenet_v2";

    @TempDir
    private static Path folder;

    private static Path weights;
    private static Path photo;

    @BeforeAll
    static void make() throws IOException {
        weights = folder.resolve("random.safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(4);
            ArrayBlock model = Models.named(MODEL).build();
            model.initialize(manager);
            OnnxZooTest.vary(model, manager);
            Safetensors.write(weights, StateDict.of(model), Map.of());
        }
        byte[] values = new byte[80 * 100 * 3];
        new SplittableRandom(2).nextBytes(values);
        photo = folder.resolve("photo.png");
        ImageIO.write(new Pixels(80, 100, 3, values).toBufferedImage(), "png", photo.toFile());
    }

    private static LabelMap mask(String to) {
        return LabelMap.read(folder.resolve(to).resolve("photo-mask.png"), LabelMap.Coding.CLASSES);
    }

    private static void assertWhole(Answer answer) {
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isZero();
    }

    private static double agreement(LabelMap one, LabelMap two) {
        int same = 0;
        for (int i = 0; i < one.values().length; i++) {
            same += one.values()[i] == two.values()[i] ? 1 : 0;
        }
        return (double) same / two.values().length;
    }

    @Test
    void answersAreThoseOfTheLibraryAndOfTheExport() {
        assertWhole(Answer.of(
                "predict", "--model", MODEL, "--weights", weights, "--size", 65, photo, "--to", folder.resolve("a")));
        SegmentationCard usual = SegmentationCard.usual(Models.named(MODEL), List.of());
        assertThat(usual.classes()).isEqualTo(PascalVoc.classes()).hasSize(21).startsWith("background", "aeroplane");
        assertThat(usual.preprocessing().mean()).containsOnly(.5);

        Path onnx = folder.resolve("model.onnx");
        Answer exported = Answer.of("export", "--model", MODEL, "--weights", weights, "--size", 65, "--to", onnx);
        assertThat(exported.err()).isEmpty();
        assertThat(exported.code()).isZero();
        assertWhole(Answer.of("predict", onnx, photo, "--to", folder.resolve("b")));
        assertThat(agreement(mask("a"), mask("b"))).isGreaterThan(.995);
        assertThat(mask("a").height()).isEqualTo(80);
        assertThat(mask("a").width()).isEqualTo(100);
    }

    @Test
    void tilesAndMirrorImagesAreForSegmenters() {
        assertWhole(Answer.of(
                "predict",
                "--model",
                MODEL,
                "--weights",
                weights,
                "--tile",
                65,
                "--overlap",
                8,
                "--flip",
                photo,
                "--to",
                folder.resolve("tiles")));
        SegmentationCard card = SegmentationCard.usual(Models.named(MODEL), List.of());
        try (ImageSegmenter segmenter = ImageSegmenter.open(
                weights,
                card,
                Predictor.Settings.USUAL.withFrozen(false),
                Views.tiles(65, 8).withMirrored())) {
            Segmentation answer = segmenter.segment(photo);
            assertThat(agreement(mask("tiles"), answer.labels())).isGreaterThan(.995);
        }
        for (Answer answer : List.of(
                Answer.of("predict", "--model", "nin_small", "--weights", weights, photo, "--flip"),
                Answer.of("predict", "--model", "nin_small", "--weights", weights, photo, "--tile", 64),
                Answer.of("predict", "--model", MODEL, "--weights", weights, photo, "--overlap", 4),
                Answer.of("predict", "--model", MODEL, "--weights", weights, photo, "--tile", 8, "--overlap", 8))) {
            assertThat(answer.err()).contains("error: ").contains("--").hasLineCount(1);
            assertThat(answer.code()).isEqualTo(2);
        }
    }
}
