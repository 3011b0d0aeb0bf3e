package djinn.tasks.detection;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.data.Geometry;
import djinn.data.SceneOrigin;
import djinn.metrics.ConfusionMatrix;
import djinn.metrics.Detection;
import djinn.metrics.DetectionConfusion;
import djinn.metrics.GroundTruth;
import djinn.ops.Box;
import java.util.List;
import org.junit.jupiter.api.Test;

class MistakenImagesTest {

    private static final Box LEFT = new Box(0, 0, 10, 10);
    private static final Box RIGHT = new Box(50, 0, 10, 10);
    private static final Box BELOW = new Box(0, 50, 10, 10);
    private static final List<String> CLASSES = List.of("disc", "square");

    private static SeenImage seen(List<GroundTruth> truths, Detection... detections) {
        return new SeenImage(new SceneOrigin(0, "", Geometry.none(100, 100), List.of()), truths, List.of(detections));
    }

    private static MistakenImages images(int most) {
        MistakenImages images = new MistakenImages(CLASSES, 4, most);
        List<GroundTruth> both = List.of(GroundTruth.of(0, LEFT), GroundTruth.of(1, RIGHT));
        // all found from .6 on
        images.add(0, seen(both, Detection.of(0, LEFT, .9), Detection.of(1, RIGHT, .6)));
        // a square taken for a disc, a disc missed, nothing taken for a square
        images.add(1, seen(both, Detection.of(0, RIGHT, .8), Detection.of(1, BELOW, .3)));
        // nothing there and nothing told above .2
        images.add(2, seen(List.of(), Detection.of(0, LEFT, .2), Detection.of(0, RIGHT, .1)));
        // both missed
        images.add(3, seen(both));
        return images;
    }

    @Test
    void imagesWithTheMostMistakesComeFirstByWhateverScore() {
        MistakenImages images = images(3);
        assertThat(images.worst(.25).stream().map(MistakenImages.Image::place)).containsExactly(1, 3, 0);
        assertThat(images.worst(.25).stream().map(image -> image.mistakes(.25))).containsExactly(3L, 2L, 0L);
        assertThat(images.worst(.1).stream().map(MistakenImages.Image::place)).containsExactly(1, 2, 3);
        assertThat(images.worst(.7).stream().map(MistakenImages.Image::place)).containsExactly(1, 3, 0);
        assertThat(images.worst(.7).stream().map(image -> image.mistakes(.7))).containsExactly(2L, 2L, 1L);
        assertThat(images.drawn()).hasSize(3);
    }

    @Test
    void mistakesAreNamed() {
        MistakenImages images = images(4);
        List<MistakenImages.Image> worst = images.worst(.25);
        assertThat(worst.get(0).caption(.25)).isEqualTo("2 objects: disc missed, square taken for disc, false square");
        assertThat(worst.get(0).caption(.5)).isEqualTo("2 objects: disc missed, square taken for disc");
        assertThat(worst.get(1).caption(.25)).isEqualTo("2 objects: disc missed, square missed");
        assertThat(worst.get(2).caption(.25)).isEqualTo("2 objects, no mistake");
        assertThat(images.worst(.1).get(1).caption(.1)).isEqualTo("0 objects: false disc x 2");
        // the true boxes, then what is told from the score on
        assertThat(worst.get(0).boxes(.25)).hasSize(4);
        assertThat(worst.get(0).boxes(.5)).hasSize(3);
        assertThat(worst.get(0).boxes(.5).get(0).isDashed()).isTrue();
        assertThat(worst.get(0).boxes(.5).get(2).text()).isEqualTo("disc 0.80");
    }

    @Test
    void thereIsAListForEveryTwentieth() {
        MistakenImages images = images(1);
        assertThat(images.nearest(.337)).isEqualTo(.35);
        assertThat(images.nearest(0)).isEqualTo(.05);
        assertThat(images.nearest(1)).isEqualTo(.95);
    }

    @Test
    void mistakesAreWhatTheMatrixHasBesideItsDiagonal() {
        DetectionConfusion confusion = new DetectionConfusion(2, .5);
        confusion.add(
                List.of(GroundTruth.of(0, LEFT), GroundTruth.of(1, RIGHT), GroundTruth.of(1, BELOW)),
                List.of(
                        Detection.of(0, LEFT, .9),
                        Detection.of(0, RIGHT, .5),
                        Detection.of(1, new Box(80, 80, 5, 5), .3)));
        for (double score : new double[] {0, .3, .4, .6, .95}) {
            ConfusionMatrix matrix = confusion.at(score);
            long right = matrix.count(0, 0) + matrix.count(1, 1);
            assertThat(confusion.mistakes(score)).as("from %s", score).isEqualTo(matrix.samples() - right);
        }
        assertThat(confusion.mistakes(.4)).isEqualTo(2);
    }
}
