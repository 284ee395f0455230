package ferrite.hardware.dwarf;

/** Numbers of the DWARF 4 standard that this package writes. The sections are those of the standard. */
final class Dwarf {

    static final int VERSION = 4;
    static final int ADDRESS_BYTES = 4;

    /** The kinds of entries (section 7.5.1). */
    enum Tag {
        ARRAY_TYPE(0x01), ENUMERATION_TYPE(0x04), FORMAL_PARAMETER(0x05), MEMBER(0x0d), POINTER_TYPE(0x0f),
        COMPILE_UNIT(0x11), STRUCTURE_TYPE(0x13), SUBROUTINE_TYPE(0x15), TYPEDEF(0x16), UNION_TYPE(0x17),
        SUBRANGE_TYPE(0x21), BASE_TYPE(0x24), CONST_TYPE(0x26), ENUMERATOR(0x28), SUBPROGRAM(0x2e), VARIABLE(0x34);

        final int number;

        Tag(int number) {
            this.number = number;
        }
    }

    /** Attributes of entries (section 7.5.4), each with the one form that this package writes. */
    enum Attribute {
        LOCATION(0x02, Form.EXPRLOC), NAME(0x03, Form.STRP), BYTE_SIZE(0x0b, Form.DATA4), LOW_PC(0x11, Form.ADDR),
        HIGH_PC(0x12, Form.DATA4), LANGUAGE(0x13, Form.DATA4), CONST_VALUE(0x1c, Form.DATA4),
        PRODUCER(0x25, Form.STRP), PROTOTYPED(0x27, Form.FLAG_PRESENT), COUNT(0x37, Form.DATA4),
        DATA_MEMBER_LOCATION(0x38, Form.DATA4),
        DECLARATION(0x3c, Form.FLAG_PRESENT), ENCODING(0x3e, Form.DATA4), EXTERNAL(0x3f, Form.FLAG_PRESENT),
        TYPE(0x49, Form.REF4);

        final int number;
        final Form form;

        Attribute(int number, Form form) {
            this.number = number;
            this.form = form;
        }
    }

    /** The ways to write a value (section 7.5.4), each of a fixed number of bytes. */
    enum Form {
        ADDR(0x01, 4), DATA4(0x06, 4), STRP(0x0e, 4), REF4(0x13, 4), EXPRLOC(0x18, 6), FLAG_PRESENT(0x19, 0);

        final int number;
        final int bytes;

        Form(int number, int bytes) {
            this.number = number;
            this.bytes = bytes;
        }
    }

    /** {@code DW_OP_addr}: the operation that pushes the address after it (section 7.7.1). */
    static final int OP_ADDR = 0x03;
    /** {@code DW_LANG_C99} (section 7.12). */
    static final int LANG_C99 = 0x0c;
    /** The encodings of base types (section 7.8). */
    static final int ATE_BOOLEAN = 0x02;
    static final int ATE_SIGNED = 0x05;
    static final int ATE_UNSIGNED = 0x07;
    static final int ATE_UNSIGNED_CHAR = 0x08;

    private Dwarf() { }
}
