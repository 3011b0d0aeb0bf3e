package djinn.tasks.segmentation;

import djinn.data.LabelColours;
import djinn.data.LabelMap;
import djinn.data.Pixels;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** A picture of images with what they should be taken for and what they were: a row each. */
final class SegmentationSheet {

    private static final int GAP = 4;
    private static final double STRENGTH = 0.6;

    private SegmentationSheet() {}

    /**
     * Draws a sheet of three columns: the image, its true classes over it, and the answer's.
     *
     * @param images at least one, all of one size
     * @param expected the true classes
     * @param answered the answer's
     * @return an RGB picture
     */
    static BufferedImage of(List<Pixels> images, List<LabelMap> expected, List<LabelMap> answered) {
        int height = images.get(0).height() + GAP;
        int width = images.get(0).width() + GAP;
        BufferedImage sheet =
                new BufferedImage(3 * width + GAP, images.size() * height + GAP, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        for (int i = 0; i < images.size(); i++) {
            Pixels image = images.get(i);
            List<BufferedImage> row = List.of(
                    image.withChannels(3).toBufferedImage(),
                    LabelColours.overlay(image, expected.get(i), STRENGTH),
                    LabelColours.overlay(image, answered.get(i), STRENGTH));
            for (int column = 0; column < row.size(); column++) {
                graphics.drawImage(row.get(column), GAP + column * width, GAP + i * height, null);
            }
        }
        graphics.dispose();
        return sheet;
    }
}
