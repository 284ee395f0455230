package ferrite.hardware.hart;

/**
 * An Sv32 translation written from section 4.3.2 of the privileged specification alone, without TLB or reuse of code.
 * It works on an array of words that stands for all of memory.
 */
final class Sv32Oracle {

    private final int[] memory;

    Sv32Oracle(int[] memory) {
        this.memory = memory;
    }

    /** Returns the physical address, or minus the exception's cause. A and D bits are set in the memory. */
    long translate(int satp, boolean sum, boolean mxr, int va, char access, char mode) {
        int pageFault = access == 'x' ? 12 : access == 'r' ? 13 : 15;
        int accessFault = access == 'x' ? 1 : access == 'r' ? 5 : 7;
        long[] vpn = {va >>> 12 & 0x3ff, va >>> 22};
        long a = (satp & 0x003f_ffffL) * 4096;
        int i = 1;
        while (true) {
            long where = a + vpn[i] * 4;
            if (where >= 4L * memory.length) {
                return -accessFault;
            }
            int pte = memory[(int) (where / 4)];
            boolean v = bit(pte, 0);
            boolean r = bit(pte, 1);
            boolean w = bit(pte, 2);
            boolean x = bit(pte, 3);
            boolean u = bit(pte, 4);
            long ppn = (pte & 0xffff_ffffL) / 1024;
            if (!v || !r && w) {
                return -pageFault;
            }
            if (!r && !x) {
                boolean reserved = u || bit(pte, 6) || bit(pte, 7);
                if (reserved || i == 0) {
                    return -pageFault;
                }
                i = 0;
                a = ppn * 4096;
                continue;
            }
            boolean allowed = access == 'x' && x || access == 'w' && w || access == 'r' && (r || x && mxr);
            if (mode == 'u' && !u) {
                allowed = false;
            }
            if (mode == 's' && u && (access == 'x' || !sum)) {
                allowed = false;
            }
            if (!allowed) {
                return -pageFault;
            }
            if (i == 1 && ppn % 1024 != 0) {
                return -pageFault;
            }
            memory[(int) (where / 4)] |= 0x40 | (access == 'w' ? 0x80 : 0);
            return i == 1 ? ppn / 1024 * 0x40_0000 + (va & 0x3f_ffff) : ppn * 4096 + (va & 0xfff);
        }
    }

    private static boolean bit(int word, int n) {
        return (word >> n & 1) != 0;
    }
}
