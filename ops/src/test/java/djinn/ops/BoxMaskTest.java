package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.golden.Golden;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Masks laid over images.
 *
 * <p>{@code golden/pasted_masks.json} was written with torchvision 0.29.1: of six boxes, some beyond the edges, one smaller than
 * a pixel and one the whole image, where {@code paste_masks_in_image} is above a half. Shares are 0.5 + 0.5 sin(0.37 i) cos(0.11
 * i) over all of them, those of the fifth box 0.92 where that is above 0.4 and 0.05 elsewhere.
 */
class BoxMaskTest {

    @Test
    void liesWhereTorchvisionPastesIt() {
        JsonNode record = Golden.read("pasted_masks.json");
        int side = record.get("side").asInt();
        int height = record.get("height").asInt();
        int width = record.get("width").asInt();
        for (int n = 0; n < record.get("boxes").size(); n++) {
            double[] corners = Golden.doubles(record.get("boxes").get(n));
            float[] shares = new float[side * side];
            for (int j = 0; j < shares.length; j++) {
                int i = n * shares.length + j;
                float wave = (float) (.5 + .5 * Math.sin(.37 * i) * Math.cos(.11 * i));
                shares[j] = n == 4 ? (wave > .4f ? .92f : .05f) : wave;
            }
            RunLengthMask expected = RunLengthMask.ofCounts(
                    height,
                    width,
                    record.get("counts")
                            .get(n)
                            .valueStream()
                            .map(JsonNode::asInt)
                            .toList());
            Box box = Box.ofCorners(corners[0], corners[1], corners[2], corners[3]);
            assertThat(new BoxMask(side, shares).within(box, height, width, .5f).counts())
                    .as("box " + n)
                    .isEqualTo(expected.counts());
        }
    }

    @Test
    void outsideThereIsNothing() {
        float[] whole = new float[4];
        Arrays.fill(whole, 1);
        BoxMask mask = new BoxMask(2, whole);
        for (Box box : List.of(new Box(60, 5, 10, 10), new Box(-30, -30, 10, 10), new Box(5, 90, 3, 3))) {
            assertThat(mask.within(box, 40, 50, .5f).area()).isZero();
        }
        assertThat(mask.within(new Box(-200, -200, 500, 500), 40, 50, .5f).area())
                .isEqualTo(40 * 50);
    }

    @Test
    void sharesFillTheGrid() {
        assertThatThrownBy(() -> new BoxMask(3, new float[8]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 x 3");
    }
}
