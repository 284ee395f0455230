package ferrite.debugport.gdb;

import ferrite.hardware.hart.Hart;

/** A thread that a client sees: a hart, or a task of the kernel. */
interface GdbThread {

    /** Returns the number of its process. */
    int process();

    /** Returns its number in its process. */
    int number();

    String name();

    /** Describes in a few words what it does. */
    String description();

    /** Returns the hart whose translation shows the thread's memory. */
    Hart hart();

    /** Returns a register in a packet's form. A register whose value nobody knows consists of the letter x. */
    String register(int number) throws PacketException;

    void setRegister(int number, int value) throws PacketException;
}
