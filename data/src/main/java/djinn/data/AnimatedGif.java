package djinn.data;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;

/** Pictures that follow one another in a GIF file, over and over. Of each at most 256 colours are left. */
public final class AnimatedGif {

    private static final String FORMAT = "javax_imageio_gif_image_1.0";

    private AnimatedGif() {}

    /**
     * Writes pictures one after the other; each is read when its turn comes.
     *
     * @param pictures image files of one size
     * @param millis how long each is shown, in steps of 10
     * @param lastMillis how long the last is shown
     * @param file its folder must exist
     * @throws DataException if a picture cannot be read or the file cannot be written; what was there is then unchanged
     * @throws IllegalArgumentException if there are no pictures
     */
    public static void write(List<Path> pictures, int millis, int lastMillis, Path file) {
        if (pictures.isEmpty()) {
            throw new IllegalArgumentException("expected pictures, got none");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.prepareWriteSequence(null);
            for (int i = 0; i < pictures.size(); i++) {
                BufferedImage picture = read(pictures.get(i));
                int shown = i + 1 < pictures.size() ? millis : lastMillis;
                writer.writeToSequence(new IIOImage(picture, null, frame(writer, picture, shown, i == 0)), null);
            }
            writer.endWriteSequence();
        } catch (IOException e) {
            throw new DataException(file + ": cannot be written: " + AtomicFile.reason(e), e);
        } finally {
            writer.dispose();
        }
        AtomicFile.write(file, channel -> channel.write(ByteBuffer.wrap(bytes.toByteArray())));
    }

    private static BufferedImage read(Path file) {
        try {
            BufferedImage picture = ImageIO.read(file.toFile());
            if (picture == null) {
                throw new DataException(file + ": expected a picture, found something else");
            }
            return picture;
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
        }
    }

    private static IIOMetadata frame(ImageWriter writer, BufferedImage picture, int millis, boolean first)
            throws IIOInvalidTreeException {
        IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(picture), null);
        IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(FORMAT);
        IIOMetadataNode control = child(root, "GraphicControlExtension");
        control.setAttribute("disposalMethod", "none");
        control.setAttribute("userInputFlag", "FALSE");
        control.setAttribute("transparentColorFlag", "FALSE");
        control.setAttribute("transparentColorIndex", "0");
        control.setAttribute("delayTime", Integer.toString(Math.floorDiv(millis, 10)));
        if (first) {
            // Netscape's block: loop for ever
            IIOMetadataNode loop = new IIOMetadataNode("ApplicationExtension");
            loop.setAttribute("applicationID", "NETSCAPE");
            loop.setAttribute("authenticationCode", "2.0");
            loop.setUserObject(new byte[] {1, 0, 0});
            child(root, "ApplicationExtensions").appendChild(loop);
        }
        metadata.setFromTree(FORMAT, root);
        return metadata;
    }

    private static IIOMetadataNode child(IIOMetadataNode root, String name) {
        for (int i = 0; i < root.getLength(); i++) {
            if (root.item(i).getNodeName().equals(name)) {
                return (IIOMetadataNode) root.item(i);
            }
        }
        IIOMetadataNode own = new IIOMetadataNode(name);
        root.appendChild(own);
        return own;
    }
}
