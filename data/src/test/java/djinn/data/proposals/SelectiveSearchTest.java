package djinn.data.proposals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.Pixels;
import djinn.ops.Box;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Boxes around what hangs together. */
class SelectiveSearchTest {

    private static final List<Box> PAINTED = List.of(
            new Box(20, 30, 80, 50), new Box(140, 20, 40, 120), new Box(30, 140, 60, 60), new Box(45, 155, 20, 20));

    private static Pixels painted(int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setColor(new Color(90, 120, 70));
        pen.fillRect(0, 0, width, height);
        List<Color> colours =
                List.of(new Color(200, 40, 30), new Color(40, 60, 210), new Color(230, 210, 60), Color.BLACK);
        for (int i = 0; i < PAINTED.size(); i++) {
            Box box = PAINTED.get(i);
            pen.setColor(colours.get(i));
            pen.fillRect((int) box.x(), (int) box.y(), (int) box.width(), (int) box.height());
        }
        pen.dispose();
        Random random = new Random(3);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                Color was = new Color(image.getRGB(x, y));
                int noise = random.nextInt(9) - 4;
                image.setRGB(
                        x,
                        y,
                        new Color(c(was.getRed() + noise), c(was.getGreen() + noise), c(was.getBlue() - noise))
                                .getRGB());
            }
        }
        return Pixels.of(image, 3);
    }

    private static int c(int value) {
        return Math.max(0, Math.min(255, value));
    }

    @Test
    void paintedRectanglesAreFoundAndTheOneWithinTheOther() {
        List<Proposal> found = SelectiveSearch.FAST.propose(painted(220, 220));
        for (Box painted : PAINTED) {
            assertThat(found)
                    .as(painted.toString())
                    .anyMatch(proposal -> proposal.box().iou(painted) > .8);
        }
    }

    @Test
    void boxesAreDifferentWithinTheImageAndByFallingScoreTheSameAtEveryCall() {
        Pixels image = painted(700, 260);
        List<Proposal> found = SelectiveSearch.FAST.propose(image);
        assertThat(found).doesNotHaveDuplicates().isEqualTo(SelectiveSearch.FAST.propose(image));
        assertThat(found.stream().map(Proposal::box)).doesNotHaveDuplicates();
        for (int i = 0; i < found.size(); i++) {
            Box box = found.get(i).box();
            assertThat(box.x()).isNotNegative();
            assertThat(box.y()).isNotNegative();
            assertThat(box.area()).isPositive();
            assertThat(box.x() + box.width()).isLessThanOrEqualTo(700);
            assertThat(box.y() + box.height()).isLessThanOrEqualTo(260);
            assertThat(found.get(i).score())
                    .isGreaterThan(0)
                    .isLessThanOrEqualTo(i == 0 ? 1 : found.get(i - 1).score());
        }
        assertThat(found.stream().map(Proposal::box)).contains(new Box(0, 0, 700, 260));
        // 700 columns were seen as 500
        assertThat(found).anyMatch(proposal -> proposal.box().iou(PAINTED.get(1)) > .8);
    }

    /** Nothing to tell apart, and next to nothing to look at. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 40})
    void aFlatImageIsOneProposal(int side) {
        Pixels flat = new Pixels(side, side + 1, 1, new byte[side * (side + 1)]);
        assertThat(SelectiveSearch.FAST.propose(flat).stream().map(Proposal::box))
                .containsExactly(new Box(0, 0, side + 1, side));
    }

    /** Grey is of equal channels, red of one alone. */
    @Test
    void coloursAreThoseOfTheirDefinition() {
        Pixels colours = new Pixels(1, 3, 3, new byte[] {(byte) 255, 0, 0, 51, 51, 51, 0, (byte) 255, (byte) 255});
        Planes hsv = ColourSpace.HSV.planes(colours);
        assertThat(hsv.plane(0)).containsExactly(0, 0, 127.5f);
        assertThat(hsv.plane(1)).containsExactly(255, 0, 255);
        assertThat(hsv.plane(2)).containsExactly(255, 51, 255);
        // CIE's tables: L* 53.24, a* 80.09, b* 67.20 of pure red; L* 21.25 of a fifth of white
        Planes lab = ColourSpace.LAB.planes(colours);
        assertThat(lab.plane(0)[0]).isCloseTo(53.24f * 2.55f, Offset.offset(.05f));
        assertThat(lab.plane(1)[0]).isCloseTo(80.09f + 128, Offset.offset(.05f));
        assertThat(lab.plane(2)[0]).isCloseTo(67.20f + 128, Offset.offset(.05f));
        assertThat(lab.plane(0)[1]).isCloseTo(21.25f * 2.55f, Offset.offset(.05f));
        assertThat(lab.plane(1)[1]).isCloseTo(128, Offset.offset(.05f));
        assertThat(ColourSpace.RGB.planes(colours).plane(0)).containsExactly(255, 51, 0);
    }

    @ParameterizedTest
    @EnumSource(ProposalMethod.class)
    void aMethodGivesAsManyAsAreWantedTheBestFirst(ProposalMethod method) {
        Pixels image = painted(200, 210);
        List<Proposal> ten = method.propose(image, 10);
        assertThat(ten).hasSize(10).isEqualTo(method.propose(image, 2000).subList(0, 10));
    }

    @Test
    void settingsThatAreNoneAreRefused() {
        assertThatThrownBy(() -> new SelectiveSearch(List.of(), List.of(50), .8, 500))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected colour spaces, scales, sigma and longest above 0");
    }
}
