package ferrite.kernel.base;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The layout of a record in RAM, as C's {@code struct} is: a name, a size, and fields. A layout class declares a
 * {@code STRUCT}, and then each field in a line that gives its name, type and offset:
 *
 * <pre>{@code
 * static final Struct STRUCT = Struct.of("wait_queue_head", 12);
 * static final Embedded LOCK = STRUCT.spinlock("lock", 0);
 * static final Embedded HEAD = STRUCT.list("head", 4);
 * …
 * int flags = locks.lockIrqSave(LOCK.at(queue));
 * }</pre>
 *
 * <p>A class that works mainly on one record imports its fields; all others write them with the layout's name.
 *
 * <p>Names are Linux's where Linux has the record or the field. A field that is not aligned, that overlaps another one
 * or that ends past the record is refused.
 */
@DriverApi
public final class Struct {

    private final String name;
    private final int size;
    private final Map<String, Field> fields = new LinkedHashMap<>();
    /** Offset of the first byte past all fields. */
    private int end;
    /** The field with which the next one may share its bytes, or null. */
    private Field sharing;

    private Struct(String name, int size) {
        this.name = name;
        this.size = size;
    }

    /** Makes a layout without fields. */
    public static Struct of(String name, int size) {
        return new Struct(name, size);
    }

    public String name() {
        return name;
    }

    public int size() {
        return size;
    }

    /** The fields, in the order of their declarations. */
    public List<Field> fields() {
        return List.copyOf(fields.values());
    }

    public Optional<Field> field(String fieldName) {
        return Optional.ofNullable(fields.get(fieldName));
    }

    // ---- declaring fields ----

    public Word u32(String fieldName, int offset) {
        return add(new Word(fieldName, offset, 1, false));
    }

    public Word u32(String fieldName, int offset, int count) {
        return add(new Word(fieldName, offset, count, false));
    }

    public Word s32(String fieldName, int offset) {
        return add(new Word(fieldName, offset, 1, true));
    }

    public ULong ulong(String fieldName, int offset) {
        return add(new ULong(fieldName, offset, 1));
    }

    public ULong ulong(String fieldName, int offset, int count) {
        return add(new ULong(fieldName, offset, count));
    }

    public U64 u64(String fieldName, int offset) {
        return add(new U64(fieldName, offset, 1));
    }

    /** @param target as C writes it, see {@link Pointer#target} */
    public Pointer pointer(String fieldName, int offset, String target) {
        return add(new Pointer(fieldName, offset, 1, target));
    }

    /** @param target as C writes it, see {@link Pointer#target} */
    public Pointer pointer(String fieldName, int offset, String target, int count) {
        return add(new Pointer(fieldName, offset, count, target));
    }

    /** A text address, see {@link TextTable}. */
    public Pointer function(String fieldName, int offset) {
        return pointer(fieldName, offset, Pointer.FUNCTION);
    }

    /** @param bytes with the NUL */
    public Text text(String fieldName, int offset, int bytes) {
        return add(new Text(fieldName, offset, bytes));
    }

    public Bytes bytes(String fieldName, int offset, int bytes) {
        return add(new Bytes(fieldName, offset, bytes));
    }

    /** A head or a node of a list, see {@link ListHead}. */
    public Embedded list(String fieldName, int offset) {
        return embedded(fieldName, offset, "list_head", ListHead.SIZE);
    }

    /** A spinlock, see {@link SpinLock}. */
    public Embedded spinlock(String fieldName, int offset) {
        return embedded(fieldName, offset, "spinlock", 4);
    }

    public Embedded embedded(String fieldName, int offset, Struct struct) {
        return embedded(fieldName, offset, struct.name, struct.size);
    }

    /** A record of a layout that the class cannot import, because it is on a higher floor. */
    public Embedded embedded(String fieldName, int offset, String struct, int bytes) {
        return add(new Embedded(fieldName, offset, 1, struct, bytes));
    }

    public Embedded array(String fieldName, int offset, Struct struct, int count) {
        return array(fieldName, offset, struct.name, struct.size, count);
    }

    /** @param stride distance from an element to the next */
    public Embedded array(String fieldName, int offset, String struct, int stride, int count) {
        return add(new Embedded(fieldName, offset, count, struct, stride));
    }

    /** Lets the next field that is declared share the bytes of this one, as the members of C's {@code union} do. */
    public Struct union(Field first) {
        sharing = first;
        return this;
    }

    private <F extends Field> F add(F field) {
        Field shared = sharing;
        sharing = null;
        if (field.offset() < 0) {
            throw refused(field, "offset " + field.offset() + " is negative");
        }
        if (field.count() < 0 || field.width() < 0) {
            throw refused(field, "it has " + field.count() + " elements of " + field.width()
                    + " bytes; neither is negative");
        }
        long fieldEnd = field.offset() + (long) field.width() * field.count();
        if (fieldEnd > size) {
            throw refused(field, "it ends at " + fieldEnd + ", past the " + size + " bytes of the record");
        }
        if (field.offset() % field.alignment() != 0) {
            throw refused(field, "offset " + field.offset() + " is not a multiple of " + field.alignment());
        }
        if (field.offset() < end) {
            requireFree(field, shared);
        }
        if (fields.putIfAbsent(field.name(), field) != null) {
            throw refused(field, "there is a field of this name");
        }
        end = Math.max(end, field.end());
        return field;
    }

    private void requireFree(Field field, Field shared) {
        for (Field other : fields.values()) {
            if (other != shared && field.offset() < other.end() && other.offset() < field.end()) {
                throw refused(field, "it overlaps " + other.name() + ", which is at " + other.offset() + " to "
                        + (other.end() - 1));
            }
        }
    }

    private IllegalArgumentException refused(Field field, String why) {
        return new IllegalArgumentException("struct " + name + ", field " + field.name() + ": " + why);
    }

    /** The layout as C writes it, a field to a line, with offsets. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("struct " + name + " {  /* " + size + " bytes */\n");
        for (Field field : fields.values()) {
            text.append("    ").append(field.declaration()).append(";  /* ").append(field.offset()).append(" */\n");
        }
        return text.append('}').toString();
    }
}
