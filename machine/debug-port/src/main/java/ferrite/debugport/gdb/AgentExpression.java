package ferrite.debugport.gdb;

import ferrite.hardware.debug.DebugMemory;
import ferrite.hardware.hart.Hart;

/**
 * A condition in GDB's bytecode for agents (GDB manual, appendix F), evaluated on a hart that has reached a breakpoint.
 * It only looks. Any mistake counts as true, so that GDB is asked.
 */
final class AgentExpression {

    static final int MAX_BYTES = 4096;
    private static final int MAX_STACK = 256;
    /** Bytecodes can jump, so their number is no bound. */
    private static final int MAX_STEPS = 10_000;

    private final byte[] code;

    AgentExpression(byte[] code) {
        this.code = code;
    }

    /** Tells whether the condition is true, or cannot be evaluated. */
    boolean holds(Hart hart, DebugMemory memory) {
        try {
            return new Run(hart, memory).result() != 0;
        } catch (PacketException | ArrayIndexOutOfBoundsException malformed) {
            return true;
        }
    }

    private final class Run {

        private final Hart hart;
        private final DebugMemory memory;
        private final long[] stack = new long[MAX_STACK];
        private int depth;
        private int at;

        Run(Hart hart, DebugMemory memory) {
            this.hart = hart;
            this.memory = memory;
        }

        long result() throws PacketException {
            for (int step = 0; step < MAX_STEPS; step++) {
                int op = next(1);
                if (op == 0x27) {                      // end
                    return pop();
                }
                execute(op);
            }
            throw new PacketException("the condition takes too long");
        }

        private void execute(int op) throws PacketException {
            switch (op) {
                case 0x0e -> push(pop() == 0 ? 1 : 0);                            // log_not
                case 0x12 -> push(~pop());                                        // bit_not
                case 0x16 -> signExtend(next(1));                                 // ext
                case 0x17 -> push(load(pop(), 1));                                // ref8
                case 0x18 -> push(load(pop(), 2));
                case 0x19 -> push(load(pop(), 4));
                case 0x1a -> push(load(pop(), 8));
                case 0x20 -> branch(next(2), pop() != 0);                         // if_goto
                case 0x21 -> branch(next(2), true);                               // goto
                case 0x22 -> push(next(1));                                       // const8
                case 0x23 -> push(next(2));
                case 0x24 -> push(next(4) & 0xffff_ffffL);
                case 0x25 -> push((long) next(4) << 32 | next(4) & 0xffff_ffffL);
                case 0x26 -> push(GdbRegisters.read(hart, next(2)) & 0xffff_ffffL);   // reg
                case 0x28 -> pick(0);                                             // dup
                case 0x29 -> pop();
                case 0x2a -> zeroExtend(next(1));                                 // zero_ext
                case 0x2b -> swap();
                case 0x32 -> pick(next(1));
                case 0x33 -> rotate();
                default -> binary(op);
            }
        }

        private void binary(int op) throws PacketException {
            long b = pop();
            long a = pop();
            push(switch (op) {
                case 0x02 -> a + b;
                case 0x03 -> a - b;
                case 0x04 -> a * b;
                case 0x05 -> a / divisor(b);
                case 0x06 -> Long.divideUnsigned(a, divisor(b));
                case 0x07 -> a % divisor(b);
                case 0x08 -> Long.remainderUnsigned(a, divisor(b));
                case 0x09 -> a << b;
                case 0x0a -> a >> b;
                case 0x0b -> a >>> b;
                case 0x0f -> a & b;
                case 0x10 -> a | b;
                case 0x11 -> a ^ b;
                case 0x13 -> a == b ? 1 : 0;
                case 0x14 -> a < b ? 1 : 0;
                case 0x15 -> Long.compareUnsigned(a, b) < 0 ? 1 : 0;
                default -> throw new PacketException("bytecode " + op + " is not known");
            });
        }

        private static long divisor(long b) throws PacketException {
            if (b == 0) {
                throw new PacketException("division by zero");
            }
            return b;
        }

        private long load(long address, int width) throws PacketException {
            byte[] bytes = new byte[width];
            if (memory.read(hart, address & 0xffff_ffffL, bytes, width) < width) {
                throw new PacketException("there is no memory at 0x" + Long.toHexString(address));
            }
            long value = 0;
            for (int i = width - 1; i >= 0; i--) {
                value = value << 8 | bytes[i] & 0xff;
            }
            return value;
        }

        /** Reads an operand in big-endian order. */
        private int next(int bytes) {
            int value = 0;
            for (int i = 0; i < bytes; i++) {
                value = value << 8 | code[at++] & 0xff;
            }
            return value;
        }

        private void branch(int target, boolean taken) {
            at = taken ? target : at;
        }

        private void signExtend(int bits) {
            push(bits >= 64 ? pop() : pop() << 64 - bits >> 64 - bits);
        }

        private void zeroExtend(int bits) {
            push(bits >= 64 ? pop() : pop() & (1L << bits) - 1);
        }

        private void swap() {
            long top = pop();
            long below = pop();
            push(top);
            push(below);
        }

        private void rotate() {
            long c = pop();
            long b = pop();
            long a = pop();
            push(c);
            push(a);
            push(b);
        }

        private void pick(int below) {
            push(stack[depth - 1 - below]);
        }

        private void push(long value) {
            stack[depth++] = value;
        }

        private long pop() {
            return stack[--depth];
        }
    }
}
