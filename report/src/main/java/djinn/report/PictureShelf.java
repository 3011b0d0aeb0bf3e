package djinn.report;

import djinn.data.Pixels;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Pictures as text within a page: small ones and drawings as PNG, photos as JPEG, all of them together within a bound.
 * The more there are, the smaller they are made.
 */
final class PictureShelf {

    /** The most characters of all pictures of a page. */
    static final int MOST = 2_900_000;

    private static final int SMALL = 48;
    private static final int FEW_COLOURS = 256;
    private static final float QUALITY = 0.82f;
    private static final float LOWER_QUALITY = 0.7f;
    private static final int LEAST = 24;

    /** So many pictures may have so long a side. */
    private static final int[][] SIDES = {{12, 640}, {30, 480}, {80, 320}, {200, 208}, {500, 144}};

    private static final int SHORTEST_SIDE = 112;

    private PictureShelf() {}

    /**
     * A picture as a page holds it.
     *
     * @param source a {@code data:} address
     * @param width as it is held
     * @param height as it is held
     * @param fullWidth as it was
     * @param fullHeight as it was
     */
    record Held(String source, int width, int height, int fullWidth, int fullHeight) {

        /** Whether it was made smaller. */
        boolean isSmaller() {
            return width < fullWidth;
        }
    }

    /** Returns pictures in the order they were given, of together at most so many characters, if that can be. */
    static List<Held> hold(List<BufferedImage> pictures, long most) {
        int side = side(pictures.size());
        boolean isTight = false;
        while (true) {
            List<Held> held = new ArrayList<>();
            long total = 0;
            for (BufferedImage picture : pictures) {
                Held one = hold(picture, side, isTight);
                total += one.source.length();
                held.add(one);
            }
            if (total <= most || side <= LEAST) {
                return held;
            }
            // the first time it may be enough to choose the smaller of both forms
            side = isTight ? Math.max(LEAST, (int) (side * Math.min(0.9, Math.sqrt((double) most / total)))) : side;
            isTight = true;
        }
    }

    private static int side(int count) {
        for (int[] step : SIDES) {
            if (count <= step[0]) {
                return step[1];
            }
        }
        return SHORTEST_SIDE;
    }

    private static Held hold(BufferedImage picture, int side, boolean isTight) {
        BufferedImage fitted = fitted(picture, side);
        boolean isSmall = Math.max(fitted.getWidth(), fitted.getHeight()) <= SMALL;
        String source;
        if (isTight) {
            byte[] png = png(fitted);
            byte[] jpeg = jpeg(fitted, LOWER_QUALITY);
            source = png.length <= jpeg.length ? address("png", png) : address("jpeg", jpeg);
        } else {
            source = isSmall || hasFewColours(fitted)
                    ? address("png", png(fitted))
                    : address("jpeg", jpeg(fitted, QUALITY));
        }
        return new Held(source, fitted.getWidth(), fitted.getHeight(), picture.getWidth(), picture.getHeight());
    }

    static String address(String form, byte[] bytes) {
        return "data:image/" + form + ";base64," + Base64.getEncoder().encodeToString(bytes);
    }

    /** Halves the picture as often as that can be, so that every pixel counts, and then draws it at its size. */
    private static BufferedImage fitted(BufferedImage picture, int side) {
        int longest = Math.max(picture.getWidth(), picture.getHeight());
        if (longest <= side) {
            return drawn(picture, picture.getWidth(), picture.getHeight());
        }
        int width = Math.max(1, Math.round((float) picture.getWidth() * side / longest));
        int height = Math.max(1, Math.round((float) picture.getHeight() * side / longest));
        BufferedImage image = picture;
        while (image.getWidth() > 2 * width && image.getHeight() > 2 * height) {
            image = drawn(image, image.getWidth() / 2, image.getHeight() / 2);
        }
        return drawn(image, width, height);
    }

    private static BufferedImage drawn(BufferedImage picture, int width, int height) {
        boolean isGrey = picture.getType() == BufferedImage.TYPE_BYTE_GRAY;
        if (isGrey && picture.getWidth() == width && picture.getHeight() == height) {
            return picture;
        }
        BufferedImage image =
                new BufferedImage(width, height, isGrey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        // what is seen through is seen on white
        graphics.drawImage(picture, 0, 0, width, height, java.awt.Color.WHITE, null);
        graphics.dispose();
        return image;
    }

    private static boolean hasFewColours(BufferedImage image) {
        Set<Integer> colours = new HashSet<>();
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                if (colours.add(image.getRGB(x, y)) && colours.size() > FEW_COLOURS) {
                    return false;
                }
            }
        }
        // a grey photo has no more of them either
        return image.getType() != BufferedImage.TYPE_BYTE_GRAY || colours.size() < SMALL;
    }

    private static byte[] png(BufferedImage image) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] jpeg(BufferedImage image, float quality) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam settings = writer.getDefaultWriteParam();
            settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            settings.setCompressionQuality(quality);
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** An image of bytes as one that can be drawn. */
    static BufferedImage image(Pixels pixels) {
        int width = pixels.width();
        int height = pixels.height();
        if (pixels.channels() == 1) {
            BufferedImage grey = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
            grey.getRaster().setDataElements(0, 0, width, height, pixels.values());
            return grey;
        }
        byte[] values = pixels.values();
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] row = new int[width];
        int from = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++, from += 3) {
                row[x] = ((values[from] & 0xff) << 16) | ((values[from + 1] & 0xff) << 8) | (values[from + 2] & 0xff);
            }
            image.setRGB(0, y, width, 1, row, 0, width);
        }
        return image;
    }
}
