package djinn.data;

import djinn.ops.Box;
import djinn.ops.RunLengthMask;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;

/**
 * Boxes with labels on an image, in sizes that suit the image's own. Labels lie above their boxes where there is room,
 * and never leave the image.
 */
public final class BoxDrawing {

    /** Okabe and Ito's colours, which the colour-blind tell apart, without black and with white at the end. */
    private static final int[] COLOURS = {0xE69F00, 0x56B4E9, 0x009E73, 0xF0E442, 0x0072B2, 0xD55E00, 0xCC79A7, 0xFFFFFF
    };

    /** The number of white. */
    private static final int WHITE = COLOURS.length - 1;

    private static final int PER_LINE = 250;

    /** How long a dash is, in widths of the line. */
    private static final float DASH = 4;

    private static final int PER_POINT = 45;
    private static final int SMALLEST_FONT = 9;
    private static final int LARGEST_FONT = 40;
    private static final double BRIGHT = 140;
    private static final double STRENGTH = 0.45;

    private BoxDrawing() {}

    /** Returns the colour of a number, 0xRRGGBB. */
    static int colour(int number) {
        return COLOURS[Math.floorMod(number, COLOURS.length)];
    }

    /**
     * A box with what is written at it.
     *
     * @param box in pixels of the image
     * @param colour a number, such as a class; every eighth has the same colour
     * @param text perhaps empty
     * @param mask pixels of the image that get the colour, if they are known
     * @param isDashed whether its line is dashed, in black and white, to be seen on any ground
     */
    public record Labelled(Box box, int colour, String text, Optional<RunLengthMask> mask, boolean isDashed) {

        /** A box with a line of its colour. */
        public Labelled(Box box, int colour, String text, Optional<RunLengthMask> mask) {
            this(box, colour, text, mask, false);
        }

        /** A box alone. */
        public Labelled(Box box, int colour, String text) {
            this(box, colour, text, Optional.empty());
        }

        /** A box alone with a dashed line, such as one that is true beside those that are told. */
        public static Labelled dashed(Box box) {
            return new Labelled(box, WHITE, "", Optional.empty(), true);
        }

        /** Returns the same elsewhere, with another text and without a mask. */
        Labelled at(Box other, String words) {
            return new Labelled(other, colour, words, Optional.empty(), isDashed);
        }
    }

    /**
     * Draws boxes, the first on top, and masks under them.
     *
     * @param image grey or RGB
     * @param boxes perhaps none
     * @return an RGB picture
     */
    public static BufferedImage of(Pixels image, List<Labelled> boxes) {
        BufferedImage picture = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.drawImage(masked(image, boxes).toBufferedImage(), 0, 0, null);
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        int side = Math.min(image.width(), image.height());
        int line = Math.max(1, Math.round((float) side / PER_LINE));
        int points = Math.max(SMALLEST_FONT, Math.min(LARGEST_FONT, side / PER_POINT * 2));
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, points));
        for (int i = boxes.size() - 1; i >= 0; i--) {
            draw(graphics, boxes.get(i), line, picture);
        }
        graphics.dispose();
        return picture;
    }

    /** The image with the masks in their colours, RGB. */
    static Pixels masked(Pixels image, List<Labelled> boxes) {
        byte[] values = image.withChannels(3).values().clone();
        for (Labelled labelled : boxes) {
            Optional<boolean[]> pixels = labelled.mask().map(mask -> mask.pixels());
            int colour = colour(labelled.colour());
            for (int i = 0; pixels.isPresent() && i < pixels.get().length; i++) {
                for (int c = 0; pixels.get()[i] && c < 3; c++) {
                    int own = colour >> (16 - 8 * c) & 0xFF;
                    int below = values[3 * i + c] & 0xFF;
                    values[3 * i + c] = (byte) Math.round((1 - STRENGTH) * below + STRENGTH * own);
                }
            }
        }
        return new Pixels(image.height(), image.width(), 3, values);
    }

    private static void draw(Graphics2D graphics, Labelled labelled, int line, BufferedImage picture) {
        Box box = labelled.box();
        Color colour = new Color(colour(labelled.colour()));
        // the line lies within the box
        double half = line / 2.0;
        Rectangle2D outline = new Rectangle2D.Double(
                box.x() + half, box.y() + half, Math.max(0, box.width() - line), Math.max(0, box.height() - line));
        graphics.setStroke(new BasicStroke(line, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER));
        graphics.setColor(labelled.isDashed() ? Color.BLACK : colour);
        graphics.draw(outline);
        graphics.setColor(colour);
        if (labelled.isDashed()) {
            float[] dashes = {DASH * line, DASH * line};
            graphics.setStroke(new BasicStroke(line, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, dashes, 0));
            graphics.draw(outline);
        }
        if (labelled.text().isEmpty()) {
            return;
        }
        FontMetrics metrics = graphics.getFontMetrics();
        int width = metrics.stringWidth(labelled.text()) + 2 * line;
        int height = metrics.getAscent() + metrics.getDescent();
        double x = Math.max(0, Math.min(box.x(), picture.getWidth() - width));
        double above = box.y() - height;
        double y = above >= 0 ? above : Math.max(0, Math.min(box.y(), picture.getHeight() - height));
        graphics.fill(new Rectangle2D.Double(x, y, width, height));
        double brightness = 0.299 * colour.getRed() + 0.587 * colour.getGreen() + 0.114 * colour.getBlue();
        graphics.setColor(brightness > BRIGHT ? Color.BLACK : Color.WHITE);
        graphics.drawString(labelled.text(), (float) (x + line), (float) (y + metrics.getAscent()));
    }
}
