package ferrite.peripherals.uart;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.function.IntConsumer;

/** The sending half of a 16550A. The line takes a byte at once, so the transmitter is always empty; nothing is ever received. */
public final class Uart implements BusDevice, Saveable {

    public static final String COMPATIBLE = "ns16550a";
    public static final long BYTES = UartRegisters.BYTES;

    private final IntConsumer line;
    /** IER, LCR, MCR, SCR and the divisor latches: written and read back. */
    private final int[] registers = new int[UartRegisters.COUNT];
    private final int[] divisor = new int[2];

    /** @param line takes the bytes that are sent */
    public Uart(IntConsumer line) {
        this.line = line;
    }

    @Override
    public int load(long offset, int width) {
        return peek(offset, width);
    }

    @Override
    public int peek(long offset, int width) {
        int register = register(offset, width);
        if (register <= UartRegisters.IER && divisorIsShown()) {
            return divisor[register];
        }
        return switch (register) {
            case UartRegisters.THR, UartRegisters.MSR -> 0;
            case UartRegisters.IIR -> UartRegisters.IIR_NONE;
            case UartRegisters.LSR -> UartRegisters.LSR_THRE | UartRegisters.LSR_TEMT;
            default -> registers[register];
        };
    }

    @Override
    public void store(long offset, int width, int value) {
        int register = register(offset, width);
        if (register <= UartRegisters.IER && divisorIsShown()) {
            divisor[register] = value & 0xff;
        } else if (register == UartRegisters.THR) {
            line.accept(value & 0xff);
        } else {
            registers[register] = value & 0xff;
        }
    }

    private boolean divisorIsShown() {
        return (registers[UartRegisters.LCR] & UartRegisters.DLAB) != 0;
    }

    private static int register(long offset, int width) {
        if (width != 1 || offset >= UartRegisters.COUNT) {
            throw new BusFault(offset, width, "the UART has eight registers of one byte");
        }
        return (int) offset;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(registers);
        out.putInts(divisor);
    }

    @Override
    public void restore(StateReader in) {
        in.getInts(registers);
        in.getInts(divisor);
    }
}
