package djinn.data.detection;

import djinn.data.Finding;
import djinn.data.OnError;
import djinn.data.detection.AnnotatedImage.Extent;
import djinn.ops.AtomicFile;
import djinn.ops.Box;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Folders as PASCAL VOC has them (Everingham et al. 2010, "The PASCAL Visual Object Classes Challenge"): {@code
 * Annotations} with an XML file for each image, {@code JPEGImages}, and {@code ImageSets/Main} with a list of names for
 * each part.
 *
 * <p>VOC counts pixels from 1, and both corners belong to the box: it reaches from {@code xmin - 1} to {@code xmax} here.
 * Objects marked difficult become crowds: training goes without them, and measuring counts no answer there as wrong. It
 * differs from VOC's own measure in that a crowd may take several answers, and by the answer's own area.
 */
public final class VocXml {

    private final Path root;
    private final List<String> classes;
    private final List<Finding> findings = new ArrayList<>();
    private final BoxCheck boxes = new BoxCheck(findings);
    private final Strangers strangers;

    private VocXml(Path root, List<String> classes, OnError onUnknown) {
        this.root = root;
        this.strangers = new Strangers(onUnknown, findings);
        this.classes = List.copyOf(classes);
    }

    /**
     * Reads one part; its images are not read yet.
     *
     * @param root holds {@code Annotations}, {@code ImageSets} and {@code JPEGImages}
     * @param part the name of a list in {@code ImageSets/Main}: {@code train}, {@code val}, {@code test} ...
     * @param classes the names of the classes, by index; empty for all that the annotations of any image name, sorted
     * @return the images in the list's order, numbered from 1
     * @throws DataException if files are missing or malformed, or an object is of a class that is not there
     */
    public static ObjectData read(Path root, String part, List<String> classes) {
        return read(root, part, classes, OnError.FAIL);
    }

    /**
     * Reads one part; its images are not read yet.
     *
     * @param root holds {@code Annotations}, {@code ImageSets} and {@code JPEGImages}
     * @param part the name of a list in {@code ImageSets/Main}: {@code train}, {@code val}, {@code test} ...
     * @param classes the names of the classes, by index; empty for all that the annotations of any image name, sorted
     * @param onUnknown what becomes of an object of a class that is not there: skipped, it is a finding
     * @return the images in the list's order, numbered from 1
     * @throws DataException if files are missing or malformed, or an object is not skipped
     */
    public static ObjectData read(Path root, String part, List<String> classes, OnError onUnknown) {
        List<String> named = classes.isEmpty() ? namedIn(root) : classes;
        return new VocXml(root, named, onUnknown).data(list(root, part));
    }

    /**
     * Returns whether a part is there.
     *
     * @param root holds {@code ImageSets}
     * @param part the name of a list in {@code ImageSets/Main}
     */
    public static boolean has(Path root, String part) {
        return Files.isRegularFile(list(root, part));
    }

    private static Path list(Path root, String part) {
        return root.resolve("ImageSets/Main").resolve(part + ".txt");
    }

    /** The classes of all annotations, so that all parts have the same. */
    private static List<String> namedIn(Path root) {
        TreeSet<String> names = new TreeSet<>();
        for (Path file : Listing.files(root.resolve("Annotations"), ".xml")) {
            for (Element object : children(document(file), "object")) {
                names.add(text(file, object, "name"));
            }
        }
        return List.copyOf(names);
    }

    private ObjectData data(Path list) {
        List<AnnotatedImage> images = new ArrayList<>();
        for (String line : TextFile.lines(list)) {
            // lists of one class have a column that says whether it is there
            String stem = line.split("\\s+", -1)[0];
            images.add(image(stem, images.size() + 1));
        }
        return new ObjectData(list.toString(), classes, Listing.numbers(classes.size()), images, findings);
    }

    private AnnotatedImage image(String stem, long id) {
        Path file = root.resolve("Annotations").resolve(stem + ".xml");
        Element told = document(file);
        Path folder = root.resolve("JPEGImages");
        Path image = folder.resolve(stem + ".jpg");
        Optional<Element> filename = children(told, "filename").stream().findFirst();
        if (!Files.isRegularFile(image) && filename.isPresent()) {
            image = folder.resolve(filename.get().getTextContent().strip());
        }
        Optional<Extent> extent = extent(file, told);
        List<Annotation> annotations = new ArrayList<>();
        for (Element object : children(told, "object")) {
            annotation(file, object, stem, extent).ifPresent(annotations::add);
        }
        return new AnnotatedImage(image, Listing.name(root, image), id, extent, false, annotations);
    }

    /** Some tools write a size of 0 where they do not know it. */
    private static Optional<Extent> extent(Path file, Element told) {
        List<Element> sizes = children(told, "size");
        if (sizes.isEmpty()) {
            return Optional.empty();
        }
        int height = (int) number(file, sizes.get(0), "height");
        int width = (int) number(file, sizes.get(0), "width");
        return height > 0 && width > 0 ? Optional.of(new Extent(height, width)) : Optional.empty();
    }

    private Optional<Annotation> annotation(Path file, Element object, String stem, Optional<Extent> extent) {
        int place = 1;
        for (Node other = object.getPreviousSibling(); other != null; other = other.getPreviousSibling()) {
            place += other.getNodeName().equals("object") ? 1 : 0;
        }
        String name = text(file, object, "name");
        int label = classes.indexOf(name);
        if (label < 0) {
            strangers.met(
                    Finding.Kind.CLASS_UNKNOWN,
                    file.toString(),
                    "object " + place,
                    "is of class '" + name + "', which is none of " + classes);
            return Optional.empty();
        }
        List<Element> corners = children(object, "bndbox");
        if (corners.isEmpty()) {
            throw new DataException(file + ": expected a bndbox in object " + place + ", found none");
        }
        Element corner = corners.get(0);
        Optional<Box> box = boxes.box(
                stem,
                "object " + place,
                number(file, corner, "xmin") - 1,
                number(file, corner, "ymin") - 1,
                number(file, corner, "xmax"),
                number(file, corner, "ymax"),
                extent);
        boolean isDifficult = children(object, "difficult").stream()
                .anyMatch(node -> node.getTextContent().strip().equals("1"));
        String id = "object " + place;
        return box.map(inside -> new Annotation(id, label, inside, Optional.empty(), isDifficult));
    }

    private static Element document(Path file) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            var builder = factory.newDocumentBuilder();
            // the default one prints
            builder.setErrorHandler(new DefaultHandler());
            Document document = builder.parse(new InputSource(new StringReader(TextFile.read(file))));
            return document.getDocumentElement();
        } catch (SAXException | IOException e) {
            throw AtomicFile.unusable(file + ": expected an annotation as VOC's XML, got: " + e.getMessage(), e);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("every Java runtime reads XML", e);
        }
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }

    private static String text(Path file, Element parent, String name) {
        return children(parent, name).stream()
                .map(node -> node.getTextContent().strip())
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElseThrow(() -> new DataException(
                        file + ": expected a " + name + " in " + parent.getTagName() + ", found none"));
    }

    private static double number(Path file, Element parent, String name) {
        String text = text(file, parent, name);
        return Listing.number(text)
                .orElseThrow(() -> new DataException(file + ": expected a number as " + name + " in "
                        + parent.getTagName() + ", got '" + text + "'"));
    }
}
