package djinn.data.detection;

import djinn.data.Finding;
import djinn.data.ImageFiles;
import djinn.data.ImageObject;
import djinn.data.LabelMap;
import djinn.data.MaskSplits;
import djinn.data.MaskedImages;
import djinn.data.Pixels;
import djinn.data.Scene;
import djinn.ops.DataException;
import djinn.ops.RunLengthMask;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Images with a class for every pixel, drawn from the masks of their objects: class 0 is the background, those of the
 * objects follow. Where objects of different classes overlap, the class is unknown.
 */
public final class InstanceMasks implements MaskedImages {

    /** What stands for the pixels of no object. */
    public static final String BACKGROUND = "background";

    private final List<AnnotatedImage> images;

    private InstanceMasks(List<AnnotatedImage> images) {
        this.images = images;
    }

    /**
     * Images whose objects have masks.
     *
     * @param data the images and objects
     * @throws DataException if an object has none
     */
    public static InstanceMasks of(ObjectData data) {
        requireMasks(data);
        return new InstanceMasks(data.images());
    }

    /** Refuses objects without a mask. */
    static void requireMasks(ObjectData data) {
        for (AnnotatedImage image : data.images()) {
            for (Annotation object : image.annotations()) {
                if (object.segmentation().isEmpty()) {
                    throw new DataException(data.source() + ": expected a mask (segmentation) of every object, "
                            + object.id() + " of " + image.name() + " has none; boxes alone are for detection");
                }
            }
        }
    }

    /**
     * Returns images without the objects that have no mask, which are named among the findings.
     *
     * @param data the images and objects
     */
    public static ObjectData masked(ObjectData data) {
        List<Finding> findings = new ArrayList<>(data.findings());
        Set<String> misfits = data.findings().stream()
                .filter(finding -> finding.kind() == Finding.Kind.MASK_MISFIT)
                .map(Finding::id)
                .collect(Collectors.toSet());
        List<AnnotatedImage> images = new ArrayList<>();
        for (AnnotatedImage image : data.images()) {
            List<Annotation> kept = new ArrayList<>();
            for (Annotation object : image.annotations()) {
                if (object.segmentation().isPresent()) {
                    kept.add(object);
                } else if (!misfits.contains(object.id())) {
                    findings.add(new Finding(
                            Finding.Kind.MASK_MISSING,
                            image.name(),
                            object.id(),
                            "expected a mask (segmentation) of the object, it has none"));
                }
            }
            images.add(image.withAnnotations(kept));
        }
        return new ObjectData(data.source(), data.classes(), data.categoryIds(), images, findings);
    }

    /**
     * All parts of a data set.
     *
     * @param splits the images and objects
     * @throws DataException if an object has no mask
     */
    public static MaskSplits splits(DetectionSplits splits) {
        List<String> classes = new ArrayList<>(List.of(BACKGROUND));
        classes.addAll(splits.classes());
        List<String> notes = new ArrayList<>(splits.notes());
        notes.addAll(splits.train().notes());
        return new MaskSplits(
                splits.source(),
                classes,
                of(splits.train()),
                of(splits.validation()),
                splits.test().map(InstanceMasks::of),
                notes);
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public Pixels image(int index, int channels) {
        return ImageFiles.read(images.get(index).file(), channels);
    }

    @Override
    public LabelMap mask(int index) {
        Scene scene = images.get(index).read(new AnnotatedImage.Wanted(1, true, true, 0, 0));
        int height = scene.objects().height();
        int width = scene.objects().width();
        byte[] values = new byte[height * width];
        for (ImageObject object : scene.objects().objects()) {
            byte label = (byte) (object.label() + 1);
            boolean[] pixels = object.mask().map(RunLengthMask::pixels).orElse(new boolean[values.length]);
            for (int i = 0; i < values.length; i++) {
                if (pixels[i]) {
                    values[i] = values[i] == 0 || values[i] == label ? label : (byte) LabelMap.IGNORED;
                }
            }
        }
        return new LabelMap(height, width, values);
    }

    @Override
    public String name(int index) {
        return images.get(index).name();
    }
}
