package ferrite.translator;

import ferrite.hardware.hart.TranslatedRegion;
import ferrite.hardware.hart.Translator;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.objectweb.asm.MethodTooLargeException;

/**
 * Translates regions of guest code to hidden classes of the JVM. A class is unloaded after its region was dropped.
 *
 * <p>The JVM compiles no method of more than 8000 bytes, so a region ends before that.
 */
public final class BytecodeTranslator implements Translator {

    private static final int MAX_METHOD_BYTES = 7900;
    private static final int FIRST_LIMIT = 3300;

    private final boolean raw;
    private final AtomicBoolean prepared = new AtomicBoolean();

    public BytecodeTranslator() {
        this(RawPages.UNSAFE != null);
    }

    /** @param raw whether regions reach pages by {@link RawPages}, which must be possible here */
    BytecodeTranslator(boolean raw) {
        this.raw = raw;
    }

    @Override
    public void prepare(Runnable more) {
        Rehearsal.start(more, prepared.compareAndSet(false, true) ? Rehearsal.TIMES : 0);
    }

    @Override
    public TranslatedRegion translate(Source source, int pc) {
        for (int limit = FIRST_LIMIT; ; limit /= 2) {
            Region region = Region.at(source, pc, limit);
            if (region == null) {
                return null;
            }
            RegionWriter writer = new RegionWriter(region, raw);
            byte[] bytes = write(writer);
            if (bytes != null && writer.methodBytes() <= MAX_METHOD_BYTES) {
                TranslatedRegion translated = define(bytes, Constants.of(source.owner()));
                translated.connect(source.owner(), region.parts());
                return translated;
            }
        }
    }

    /** Returns the class, or null if its method has more than the 64 KiB that a class can hold. */
    private static byte[] write(RegionWriter writer) {
        try {
            return writer.write();
        } catch (MethodTooLargeException tooLarge) {
            return null;
        }
    }

    private static TranslatedRegion define(byte[] bytes, List<Object> constants) {
        try {
            MethodHandles.Lookup inside = MethodHandles.lookup()
                    .defineHiddenClassWithClassData(bytes, constants, false);
            MethodHandle constructor = inside.findConstructor(inside.lookupClass(), MethodType.methodType(void.class));
            return (TranslatedRegion) constructor.invoke();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("the translated region is no class", e);
        }
    }
}
