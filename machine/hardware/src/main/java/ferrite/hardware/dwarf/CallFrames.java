package ferrite.hardware.dwarf;

import ferrite.hardware.elf.ElfWriter;
import ferrite.hardware.elf.LittleEndian;

/**
 * Writes how a debugger finds a function's caller (DWARF 4, section 6.4): the functions here keep nothing on the stack.
 *
 * <pre>
 *  .debug_frame    CIE: the CFA is sp, the caller is in ra | FDE: range of addresses | ...
 *                  CIE: the same, but there is no caller   | FDE: range of addresses | ...
 * </pre>
 */
public final class CallFrames {

    private static final int CIE_ID = -1;
    private static final int VERSION = 1;
    private static final int RA = 1;
    private static final int SP = 2;
    private static final int CFA_DEF_CFA = 0x0c;
    private static final int CFA_UNDEFINED = 0x07;
    /** -4 as a signed LEB128 number: the unit of offsets on the stack. */
    private static final int DATA_ALIGNMENT = 0x7c;

    private final LittleEndian frames = new LittleEndian();
    private final int leaf;
    private final int outermost;

    public CallFrames() {
        leaf = cie(new LittleEndian().u8(CFA_DEF_CFA).u8(SP).u8(0).u8(0));
        outermost = cie(new LittleEndian().u8(CFA_DEF_CFA).u8(SP).u8(0).u8(CFA_UNDEFINED).u8(RA).u8(0).u8(0).u8(0));
    }

    private int cie(LittleEndian instructions) {
        int at = frames.size();
        LittleEndian body = new LittleEndian().u32(CIE_ID).u8(VERSION).u8(0).u8(1).u8(DATA_ALIGNMENT).u8(RA)
                .bytes(instructions.toBytes());
        while (body.size() % 4 != 0) {
            body.u8(0);
        }
        frames.u32(body.size()).bytes(body.toBytes());
        return at;
    }

    /** Describes functions whose caller's address is in ra. */
    public CallFrames leaves(long address, long bytes) {
        return range(leaf, address, bytes);
    }

    /** Describes functions that have no caller. */
    public CallFrames outermost(long address, long bytes) {
        return range(outermost, address, bytes);
    }

    private CallFrames range(int cie, long address, long bytes) {
        frames.u32(12).u32(cie).u32(address).u32(bytes);
        return this;
    }

    /** Adds the frames to an ELF file. */
    public void write(ElfWriter elf) {
        elf.section(".debug_frame", frames.toBytes());
    }
}
