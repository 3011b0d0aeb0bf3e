package djinn.data;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** Pictures side by side on white, rows below each other: such as an image, what it should be taken for, and what it was. */
public final class PictureRows {

    private static final int GAP = 4;

    private PictureRows() {}

    /**
     * Draws a sheet.
     *
     * @param rows at least one, of at least one picture each
     * @return an RGB picture
     */
    public static BufferedImage of(List<List<BufferedImage>> rows) {
        int width = GAP;
        int height = GAP;
        for (List<BufferedImage> row : rows) {
            width = Math.max(
                    width,
                    GAP
                            + row.stream()
                                    .mapToInt(picture -> picture.getWidth() + GAP)
                                    .sum());
            height += GAP + tallest(row);
        }
        BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, width, height);
        int y = GAP;
        for (List<BufferedImage> row : rows) {
            int x = GAP;
            for (BufferedImage picture : row) {
                graphics.drawImage(picture, x, y, null);
                x += picture.getWidth() + GAP;
            }
            y += tallest(row) + GAP;
        }
        graphics.dispose();
        return sheet;
    }

    private static int tallest(List<BufferedImage> row) {
        return row.stream().mapToInt(BufferedImage::getHeight).max().orElse(0);
    }
}
