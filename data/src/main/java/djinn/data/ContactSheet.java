package djinn.data;

import djinn.ops.Randomness;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** A picture of what augmentations make of an image, to judge by eye whether its label stays true. */
public final class ContactSheet {

    private static final int EDGE = 160;
    private static final int GAP = 8;
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

    private final BufferedImage sheet;
    private final Graphics2D graphics;
    private int left = GAP;

    private ContactSheet(int width, int height) {
        sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        graphics = sheet.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, width, height);
        graphics.setColor(Color.BLACK);
        graphics.setFont(FONT);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    }

    /** Images that go below each other, under a title. */
    private record Column(String title, List<Pixels> images) {}

    /**
     * Draws a sheet: in the first column the image as it is validated, then for every augmentation by itself several
     * draws below its name, and last, if there is more than one, draws of all of them in order.
     *
     * @param image of any size
     * @param preprocessing what the model does to an image
     * @param augmentations in the order of the recipe
     * @param rows draws of each, at least 1
     * @param seed decides the draws
     * @return an RGB picture; every image is drawn with 160 pixels along its longer side
     * @throws IllegalArgumentException if there are no rows
     */
    public static BufferedImage of(
            Pixels image, Preprocessing preprocessing, List<Augmentation> augmentations, int rows, long seed) {
        if (rows < 1) {
            throw new IllegalArgumentException("expected rows of at least 1, got " + rows);
        }
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("as it is", List.of(preprocessing.fit(image))));
        for (Augmentation augmentation : augmentations) {
            columns.add(new Column(
                    title(augmentation),
                    draws(image, preprocessing, List.of(augmentation), rows, Randomness.mix(seed, columns.size()))));
        }
        if (augmentations.size() > 1) {
            columns.add(new Column(
                    "all in order",
                    draws(image, preprocessing, augmentations, rows, Randomness.mix(seed, columns.size()))));
        }

        double scale = (double) EDGE / Math.max(preprocessing.height(), preprocessing.width());
        int cellHeight = (int) Math.max(1, Math.round(scale * preprocessing.height()));
        int cellWidth = (int) Math.max(1, Math.round(scale * preprocessing.width()));
        FontMetrics metrics = new ContactSheet(1, 1).graphics.getFontMetrics();
        int width = GAP;
        for (Column column : columns) {
            width += Math.max(cellWidth, metrics.stringWidth(column.title)) + GAP;
        }
        ContactSheet sheet = new ContactSheet(width, metrics.getHeight() + 2 * GAP + rows * (cellHeight + GAP));
        for (Column column : columns) {
            sheet.draw(column, cellHeight, cellWidth);
        }
        sheet.graphics.dispose();
        return sheet.sheet;
    }

    private static List<Pixels> draws(
            Pixels image, Preprocessing preprocessing, List<Augmentation> augmentations, int rows, long seed) {
        boolean cropsItself = augmentations.get(0) instanceof RandomResizedCrop;
        Pixels first = cropsItself ? image.withChannels(preprocessing.channels()) : preprocessing.fit(image);
        List<Pixels> draws = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            RandomGenerator random = new SplittableRandom(Randomness.mix(seed, row));
            Pixels changed = first;
            for (Augmentation augmentation : augmentations) {
                changed = augmentation.apply(changed, preprocessing, random);
            }
            draws.add(changed);
        }
        return draws;
    }

    /** The name a recipe gives it. */
    private static String title(Augmentation augmentation) {
        String name = augmentation.getClass().getSimpleName();
        return name.replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }

    private void draw(Column column, int cellHeight, int cellWidth) {
        FontMetrics metrics = graphics.getFontMetrics();
        graphics.drawString(column.title, left, GAP + metrics.getAscent());
        int top = metrics.getHeight() + 2 * GAP;
        for (Pixels image : column.images) {
            // small images are shown pixel for pixel
            boolean enlarged = image.height() < cellHeight;
            graphics.setRenderingHint(
                    RenderingHints.KEY_INTERPOLATION,
                    enlarged
                            ? RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR
                            : RenderingHints.VALUE_INTERPOLATION_BILINEAR);
            graphics.drawImage(rgb(image), left, top, cellWidth, cellHeight, null);
            top += cellHeight + GAP;
        }
        left += Math.max(cellWidth, metrics.stringWidth(column.title)) + GAP;
    }

    /** Three channels, for grey pictures are taken for linear and would come out too bright. */
    private static BufferedImage rgb(Pixels image) {
        return image.withChannels(3).toBufferedImage();
    }
}
