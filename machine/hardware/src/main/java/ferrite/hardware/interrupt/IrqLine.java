package ferrite.hardware.interrupt;

/** A level wire from a device to an interrupt controller. */
@FunctionalInterface
public interface IrqLine {

    void set(boolean level);
}
