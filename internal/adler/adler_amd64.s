//go:build !purego

#include "textflag.h"

// How often each byte of a block counts.
DATA places<>+0(SB)/8, $0x393a3b3c3d3e3f40
DATA places<>+8(SB)/8, $0x3132333435363738
DATA places<>+16(SB)/8, $0x292a2b2c2d2e2f30
DATA places<>+24(SB)/8, $0x2122232425262728
DATA places<>+32(SB)/8, $0x191a1b1c1d1e1f20
DATA places<>+40(SB)/8, $0x1112131415161718
DATA places<>+48(SB)/8, $0x090a0b0c0d0e0f10
DATA places<>+56(SB)/8, $0x0102030405060708
GLOBL places<>(SB), RODATA|NOPTR, $64

// func sumBlocks(p []byte) (sum, before, placed uint64)
//
// Y0 sum and Y1 before, in four lanes of 64 bits; Y2 placed, in eight lanes of
// 32 bits, each of which grows by 255*(64+63+62+61+32+31+30+29) a block at most;
// Y3 zero; Y4 and Y5 places; Y6 sixteen times 1.
TEXT ·sumBlocks(SB), NOSPLIT, $0-48
	MOVQ     p_base+0(FP), SI
	MOVQ     p_len+8(FP), CX
	SHRQ     $6, CX
	VPXOR    Y0, Y0, Y0
	VPXOR    Y1, Y1, Y1
	VPXOR    Y2, Y2, Y2
	VPXOR    Y3, Y3, Y3
	VMOVDQU  places<>+0(SB), Y4
	VMOVDQU  places<>+32(SB), Y5
	VPCMPEQW Y6, Y6, Y6
	VPSRLW   $15, Y6, Y6
	TESTQ    CX, CX
	JZ       done

block:
	VMOVDQU    (SI), Y7
	VMOVDQU    32(SI), Y8
	VPADDQ     Y0, Y1, Y1
	VPSADBW    Y3, Y7, Y9
	VPSADBW    Y3, Y8, Y10
	VPMADDUBSW Y4, Y7, Y7
	VPMADDUBSW Y5, Y8, Y8
	VPADDQ     Y9, Y10, Y9
	VPADDQ     Y9, Y0, Y0
	VPMADDWD   Y6, Y7, Y7
	VPMADDWD   Y6, Y8, Y8
	VPADDD     Y7, Y8, Y7
	VPADDD     Y7, Y2, Y2
	ADDQ       $64, SI
	DECQ       CX
	JNZ        block

done:
	// Lanes of 32 bits become lanes of 64.
	VPUNPCKLDQ   Y3, Y2, Y7
	VPUNPCKHDQ   Y3, Y2, Y8
	VPADDQ       Y7, Y8, Y2
	VEXTRACTI128 $1, Y0, X7
	VEXTRACTI128 $1, Y1, X8
	VEXTRACTI128 $1, Y2, X9
	VPADDQ       X7, X0, X0
	VPADDQ       X8, X1, X1
	VPADDQ       X9, X2, X2
	VPSRLDQ      $8, X0, X7
	VPSRLDQ      $8, X1, X8
	VPSRLDQ      $8, X2, X9
	VPADDQ       X7, X0, X0
	VPADDQ       X8, X1, X1
	VPADDQ       X9, X2, X2
	VMOVQ        X0, sum+24(FP)
	VMOVQ        X1, before+32(FP)
	VMOVQ        X2, placed+40(FP)
	VZEROUPPER
	RET

// func detectAVX2() bool
TEXT ·detectAVX2(SB), NOSPLIT, $0-1
	MOVB $0, ret+0(FP)

	// The highest leaf is 7 at least.
	XORL  AX, AX
	CPUID
	CMPL  AX, $7
	JLT   no

	// Leaf 1: OSXSAVE (bit 27) and AVX (bit 28).
	MOVL $1, AX
	XORL CX, CX
	CPUID
	ANDL $0x18000000, CX
	CMPL CX, $0x18000000
	JNE  no

	// The system keeps the registers of SSE and AVX.
	XORL   CX, CX
	XGETBV
	ANDL   $6, AX
	CMPL   AX, $6
	JNE    no

	// Leaf 7: AVX2 (bit 5).
	MOVL $7, AX
	XORL CX, CX
	CPUID
	ANDL $0x20, BX
	JZ   no
	MOVB $1, ret+0(FP)

no:
	RET
